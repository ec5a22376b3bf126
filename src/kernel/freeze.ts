import { settled } from './canonical.ts';
import type { Definition } from './definition.ts';
import { TerminalError } from './errors.ts';
import type { Json } from './json.ts';
import type { ActorState } from './state.ts';
import { sameStamp } from './stamp.ts';
import { Taken } from './taken.ts';
import { persist, restore } from './xstate.ts';

type Frozen = Omit<ActorState, 'snapshot' | 'taken'> & { readonly snapshot: Json; readonly taken: readonly (readonly [string, number])[] };

/** The state as plain JSON, keys sorted: equal states give equal bytes. */
export function freeze(state: ActorState): Json {
  return settled({ ...state, snapshot: persist(state.snapshot), taken: [...state.taken] }, 'bad_snapshot', 'the state');
}

/**
 * The state a frozen one was. Only the definition that folded it may go on with it.
 * @throws TerminalError `definition_differs`, naming both; `bad_snapshot`.
 */
export function thaw(definition: Definition, json: Json): ActorState {
  const frozen = json as unknown as Frozen | null;
  if (frozen?.machine?.hash === undefined || !Array.isArray(frozen.taken)) {
    throw new TerminalError('bad_snapshot', 'this is no frozen state of an actor', { hint: 'give what freeze gave' });
  }
  sameStamp(definition, frozen.machine, `the snapshot of ${frozen.actor}`);
  const { parent } = frozen;
  const snapshot = restore(definition, frozen.snapshot, { actor: frozen.actor, parent: parent?.actor });
  return { ...frozen, machine: definition.stamp, parent, snapshot, taken: Taken.from(frozen.taken) };
}
