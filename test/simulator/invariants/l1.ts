import { seenOf, type Check } from './invariant.ts';

/** No effect starts before the record that asks for it is durable: neither code, nor message, nor emit, nor answer. */
export const l1: Check = (run) => seenOf(run, 'L1');
