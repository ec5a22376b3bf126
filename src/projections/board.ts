import type { Definition } from '../kernel/definition.ts';
import type { Json } from '../kernel/json.ts';
import type { ActorName } from '../kernel/record.ts';
import type { ActorState, Status } from '../kernel/state.ts';
import { statusOf, valueOf } from '../kernel/status.ts';

/** One line of `millrace ls`. */
export interface BoardEntry {
  readonly actor: ActorName;
  readonly status: Status;
  /** The chart's state value. */
  readonly value: Json;
  readonly seq: number;
  /** Milliseconds since the epoch, of the last record. */
  readonly at: number;
}

/** An actor's state as its line on the board. Pure. */
export function boardEntry(definition: Definition, state: ActorState): BoardEntry {
  return { actor: state.actor, status: statusOf(definition, state), value: valueOf(state), seq: state.seq, at: state.at };
}
