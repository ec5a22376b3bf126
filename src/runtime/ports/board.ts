import type { ActorName } from '../../kernel/record.ts';
import type { Status } from '../../kernel/state.ts';
import type { Json } from '../../kernel/json.ts';

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

/** The read model behind `ls`: KV, one key per actor. An entry never goes back to an older `seq`. */
export interface Board {
  put(entry: BoardEntry): Promise<void>;
  list(filter?: { type?: string; status?: Status }): Promise<readonly BoardEntry[]>;
  get(actor: ActorName): Promise<BoardEntry | undefined>;
}
