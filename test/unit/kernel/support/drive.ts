import { canonicalJson } from '../../../../src/kernel/canonical.ts';
import { seal } from '../../../../src/kernel/chain.ts';
import type { Definition } from '../../../../src/kernel/definition.ts';
import { TerminalError } from '../../../../src/kernel/errors.ts';
import { evolve, type Evolved } from '../../../../src/kernel/evolve.ts';
import { freeze } from '../../../../src/kernel/freeze.ts';
import type { JsonObject } from '../../../../src/kernel/json.ts';
import type { ActorName, EffectId, FactData, LogRecord, ParentRef } from '../../../../src/kernel/record.ts';
import type { ActorState } from '../../../../src/kernel/state.ts';

export const bytes = (state: ActorState): string => canonicalJson(freeze(state));

/** The next record of an actor, sealed. */
export function next(definition: Definition, state: ActorState | undefined, type: string, data: JsonObject = {}, cause?: string, at?: number): LogRecord {
  const seq = (state?.seq ?? 0) + 1;
  const actor: ActorName = state?.actor ?? `${definition.stamp.name}/a1`;
  return seal(state?.chain, { actor, seq, at: at ?? 1_000_000 + seq * 1000, type, cause: cause ?? `c${seq}`, machine: definition.stamp, data });
}

/** An actor as a test drives it: each call is one more record. */
export interface Driven extends Evolved {
  readonly definition: Definition;
  readonly log: readonly LogRecord[];
}

export function create(definition: Definition, input: JsonObject = {}, parent?: ParentRef): Driven {
  const record = next(definition, undefined, 'actor.created', { input, ...(parent === undefined ? {} : { parent: { ...parent } }) });
  return { ...evolve(definition, undefined, record), definition, log: [record] };
}

export function put(actor: Driven, type: string, data: JsonObject = {}, cause?: string, at?: number): Driven {
  const record = next(actor.definition, actor.state, type, data, cause, at);
  return { ...evolve(actor.definition, actor.state, record), definition: actor.definition, log: [...actor.log, record] };
}

export const fact = <T extends keyof FactData>(actor: Driven, type: T, data: FactData[T]): Driven => put(actor, type, data as unknown as JsonObject, 'effect' in data ? data.effect : undefined);

export const effectOf = (actor: Driven, kind: 'activities' | 'timers' | 'children', name: string): EffectId => {
  const entries = Object.entries(actor.state[kind]) as [EffectId, { activity?: string; timer?: string; child?: string }][];
  const found = entries.find(([, entry]) => [entry.activity, entry.timer, entry.child].some((value) => value?.includes(name)));
  if (found === undefined) throw new Error(`no ${kind} named ${name} in ${JSON.stringify(actor.state[kind])}`);
  return found[0];
};

export function fire(actor: Driven, name: string, at?: number): Driven {
  const effect = effectOf(actor, 'timers', name);
  return put(actor, 'timer.fired', { effect, timer: actor.state.timers[effect]?.timer ?? '' }, effect, at);
}

export const boom = { name: 'RetryableError', code: 'boom', message: 'it went wrong', retryable: true };

/** The code a call fails with; anything but a TerminalError fails the test. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof TerminalError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}
