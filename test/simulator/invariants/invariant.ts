import type { Run } from '../simulate.ts';
import type { InvariantId } from '../witness.ts';

/** Says, of a run that has come to rest, where the invariant is broken; nothing when it holds. */
export type Check = (run: Run) => readonly string[];

/** What the witness saw on the way. */
export const seenOf = ({ seen }: Run, invariant: InvariantId): readonly string[] =>
  seen.filter((violation) => violation.invariant === invariant).map(({ text }) => text);
