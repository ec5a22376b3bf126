import type { ActorName } from '../../kernel/record.ts';
import type { Status } from '../../kernel/state.ts';
import type { BoardEntry } from '../../projections/board.ts';

export type { BoardEntry };

/** The read model behind `ls`: KV, one key per actor. An entry never goes back to an older `seq`. */
export interface Board {
  put(entry: BoardEntry): Promise<void>;
  list(filter?: { type?: string; status?: Status }): Promise<readonly BoardEntry[]>;
  get(actor: ActorName): Promise<BoardEntry | undefined>;
}
