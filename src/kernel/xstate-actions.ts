import type { AnyEventObject, AnyMachineSnapshot } from 'xstate';
import type { MachineScope } from './xstate-scope.ts';

/** One macrostep under way. */
export interface Turn {
  readonly scope: MachineScope & { readonly actionExecutor: (action: unknown) => void };
  /** Events raised and not yet handled. */
  readonly queue: AnyEventObject[];
}

export interface Args {
  readonly context: unknown;
  readonly event: AnyEventObject;
  readonly self: unknown;
  readonly system: unknown;
}

/** An action that the chart itself carries out: XState's own, and those made in its shape. */
export interface BuiltIn {
  readonly type: string;
  readonly resolve: (scope: unknown, snapshot: AnyMachineSnapshot, args: Args, params: unknown, self: unknown, extra: unknown) => [AnyMachineSnapshot, unknown, readonly unknown[] | undefined];
  readonly retryResolve?: (scope: unknown, snapshot: AnyMachineSnapshot, params: unknown) => void;
  readonly execute?: (scope: unknown, params: unknown) => void;
}

type Retry = readonly [BuiltIn, unknown];

/** XState's `resolveActionsAndContext`. `starting`: children whose invokes come after the actions that may send to them. */
export function act(turn: Turn, snapshot: AnyMachineSnapshot, event: AnyEventObject, actions: readonly unknown[], starting?: readonly string[]): AnyMachineSnapshot {
  if (actions.length === 0) return snapshot;
  const retries: Retry[] | undefined = starting === undefined ? undefined : [];
  const next = actAll(turn, snapshot, event, actions, { internalQueue: turn.queue, deferredActorIds: starting }, retries);
  for (const [action, params] of retries ?? []) action.retryResolve?.(turn.scope, next, params);
  return next;
}

function actAll(turn: Turn, snapshot: AnyMachineSnapshot, event: AnyEventObject, actions: readonly unknown[], extra: unknown, retries: Retry[] | undefined): AnyMachineSnapshot {
  const { scope } = turn;
  let now = snapshot;
  for (const action of actions) {
    const args: Args = { context: now.context, event, self: scope.self, system: scope.system };
    const { resolved, type, params } = lookUp(now, action, args);
    if (!isBuiltIn(resolved)) {
      scope.actionExecutor({ type, info: args, params, exec: resolved });
      continue;
    }
    const [next, asked, more] = resolved.resolve(scope, now, args, params, resolved, extra);
    now = next;
    if (resolved.retryResolve !== undefined) retries?.push([resolved, asked]);
    if (resolved.execute !== undefined) {
      scope.actionExecutor({ type: resolved.type, info: args, params: asked, exec: resolved.execute.bind(null, scope, asked) });
    }
    if (more !== undefined) now = actAll(turn, now, event, more, extra, retries);
  }
  return now;
}

const isBuiltIn = (resolved: unknown): resolved is BuiltIn => typeof resolved === 'function' && 'resolve' in resolved;

type Parametrised = { readonly type: string; readonly params?: unknown };

function lookUp({ machine }: AnyMachineSnapshot, action: unknown, { context, event }: Args): { resolved: unknown; type: string; params: unknown } {
  if (typeof action === 'function') return { resolved: action, type: action.name === '' ? '(anonymous)' : action.name, params: undefined };
  const named = machine.implementations.actions as Readonly<Record<string, unknown>>;
  if (typeof action === 'string') return { resolved: named[action], type: action, params: undefined };
  const { type, params } = action as Parametrised;
  return { resolved: named[type], type, params: typeof params === 'function' ? (params as (args: unknown) => unknown)({ context, event }) : params };
}

type Guard = ((args: unknown, params: unknown) => boolean) & { readonly check?: (snapshot: unknown, args: unknown, self: unknown) => boolean };

/** XState's `evaluateGuard`. */
export function holds(guard: unknown, snapshot: AnyMachineSnapshot, event: AnyEventObject): boolean {
  const args = { context: snapshot.context as unknown, event };
  if (typeof guard === 'function') return check(guard as Guard, snapshot, args, undefined);
  const { type, params } = typeof guard === 'string' ? { type: guard, params: undefined } : (guard as Parametrised);
  const resolved: unknown = (snapshot.machine.implementations.guards as Readonly<Record<string, unknown>>)[type];
  if (resolved === undefined) throw new Error(`Guard '${type}' is not implemented.`);
  if (typeof resolved !== 'function') return holds(resolved, snapshot, event);
  return check(resolved as Guard, snapshot, args, typeof params === 'function' ? (params as (args: unknown) => unknown)(args) : params);
}

const check = (guard: Guard, snapshot: AnyMachineSnapshot, args: unknown, params: unknown): boolean =>
  guard.check === undefined ? guard(args, params) : guard.check(snapshot, args, guard);
