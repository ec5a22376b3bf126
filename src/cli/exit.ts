import { MillraceError } from '../kernel/errors.ts';

/** Exit codes scripts rely on. */
export const exitCodes = {
  ok: 0,
  /** It ran and the answer is no: a build that did not complete, a broken chain. */
  failed: 1,
  /** The call was wrong: a bad name, a bad body, an unknown id. */
  usage: 2,
  /** The chart refused the command. */
  refused: 3,
  /** Nobody could be asked: the broker is away, no worker answered. */
  unavailable: 4,
  /** `promise-failure`: the build it speaks of is not running. */
  notRunning: 5,
} as const;

export const exitCodeOf = (error: unknown): number =>
  error instanceof MillraceError ? (error.retryable ? exitCodes.unavailable : exitCodes.usage) : exitCodes.failed;
