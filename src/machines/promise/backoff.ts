import { createHash } from 'node:crypto';
import type { PromiseContext } from './context.ts';

const firstMs = 2000;
const factor = 1.6;
const longestMs = 60_000;

/** Between two attempts while the build has ended and the grace runs. */
const flushMs = 2000;

/** How long a promise that is pending at the end of its build is still tried. */
export const graceMs = 30_000;

/** An upstream that names a longer wait is not taken at its word. */
const longestWishMs = 15 * 60_000;

/** Until the next attempt, ms. Grows with the failures; a wait the upstream asked for is kept. */
export function untilNextAttempt(context: PromiseContext): number {
  const { failures, retryAfterMs, over } = context;
  const own = over ? flushMs : Math.min(longestMs, firstMs * factor ** Math.max(0, failures - 1));
  return Math.round(Math.max(own * jitter(context), Math.min(retryAfterMs ?? 0, longestWishMs)));
}

/** 0.75 to 1.25, drawn from the promise itself: many builds do not knock in the same moment, and a replay waits as long. */
function jitter({ declares: { build, exitStatus }, failures }: PromiseContext): number {
  const drawn = createHash('sha256').update(`${build} ${exitStatus} ${failures}`).digest().readUInt32BE();
  return 0.75 + drawn / 2 ** 33;
}
