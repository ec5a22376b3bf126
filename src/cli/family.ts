import type { ActorName } from '../kernel/record.ts';
import type { Status } from '../kernel/state.ts';
import type { Board } from '../runtime/ports/board.ts';

/** An actor that has not ended, and its children. */
export interface Branch {
  readonly actor: ActorName;
  /** `waiting` of one that nobody has created yet. */
  readonly status: Status;
  readonly children: readonly Branch[];
}

/** Deeper than any sane family; a board that lies does not make us walk for ever. */
const deepest = 16;

/** These actors and what they have under them, as their lines on the board say. */
export async function branchesOf(board: Pick<Board, 'get'>, actors: readonly ActorName[], depth = 0): Promise<readonly Branch[]> {
  if (depth >= deepest) return [];
  return await Promise.all(actors.map(async (actor) => {
    const entry = await board.get(actor);
    return { actor, status: entry?.status ?? 'waiting', children: await branchesOf(board, entry?.children ?? [], depth + 1) };
  }));
}

/** One line for each, indented by how deep it is. */
export const branchLines = (branches: readonly Branch[], indent = ''): readonly string[] =>
  branches.flatMap(({ actor, status, children }) => [`${indent}${actor}  ${status}`, ...branchLines(children, `${indent}  `)]);
