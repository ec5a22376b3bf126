import type { ActivityCode } from './definition.ts';

export type Logic =
  | { readonly kind: 'promise'; readonly code: ActivityCode }
  | { readonly kind: 'machine' }
  /** Callback, observable, transition or hand-made logic. */
  | { readonly kind: 'other' };

interface LogicParts {
  readonly __xstatenode?: boolean;
  readonly config?: unknown;
  readonly transition?: (state: unknown, event: unknown, scope: unknown) => unknown;
}

/**
 * What kind of actor logic this is. `fromPromise` leaves no mark, so it is known by what it does: it is the
 * only logic that is done, with the given value, when it hears that its promise has been kept. Pure.
 */
export function logicKind(logic: unknown): Logic {
  const { __xstatenode, config, transition } = (logic ?? {}) as LogicParts;
  if (__xstatenode === true) return { kind: 'machine' };
  if (typeof config !== 'function' || typeof transition !== 'function') return { kind: 'other' };
  const value = {};
  const active = { status: 'active', output: undefined, error: undefined, input: undefined };
  try {
    const after = transition(active, { type: 'xstate.promise.resolve', data: value }, {}) as { status?: unknown; output?: unknown } | undefined;
    return after?.status === 'done' && after.output === value ? { kind: 'promise', code: config as ActivityCode } : { kind: 'other' };
  } catch {
    return { kind: 'other' };
  }
}
