import { seenOf, type Check } from './invariant.ts';

/** An actor with work in flight holds an unacknowledged or scheduled message, at every moment. */
export const l4: Check = (run) => seenOf(run, 'L4');
