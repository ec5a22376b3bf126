import { z } from 'zod';

const change = z.strictObject({ uri: z.string().min(1) });
/** The broker's clock ends in 2262: a timer behind that never rings, or at once. */
const longestMs = 365 * 86_400_000;
const ms = z.int().positive().max(longestMs, `a year, ${longestMs} ms, is the longest`);

/** What creates a run. `base` is assumed good and applied first; `head` is what is being verified. Times in ms, a year at most. */
export const runInput = z.strictObject({
  runner: z.string().min(1),
  base: z.array(change).default([]),
  head: z.array(change),
  metadata: z.record(z.string(), z.string()).default({}),
  /**
   * From creation to the end of the build; then it is cancelled. The time in which the build is stopped does not
   * count: what is left then is kept, and goes on with `start`.
   */
  deadlineMs: ms.default(3_600_000),
  /** How long a cancelled build may take to stop before it is given up. */
  cancelGraceMs: ms.default(300_000),
  /** How long a build that was started again may still say that it is stopped. */
  startGraceMs: ms.default(30_000),
  /** How often the runner is asked, by what it said last. */
  poll: z.strictObject({
    acceptedMs: ms.optional(),
    runningMs: ms.optional(),
    /** While the build is stopped. Default 30 s. */
    stoppedMs: ms.optional(),
    /** How long one check goes on asking while there is no news, at a cadence below a second. 0: asks once. Default 5 s. */
    watchMs: z.int().nonnegative().max(60_000).optional(),
  }).default({}),
});

export type RunInput = z.output<typeof runInput>;
