import type { World } from '../../support/world.ts';
import { requireStored } from './guard.ts';
import type { Ledger } from './ledger.ts';
import type { Life } from './life.ts';
import type { Site } from './site.ts';

/** One run of an activity. */
export interface Work {
  readonly key: string;
  readonly signal?: AbortSignal;
  /** Its first run does not end by itself, once it has done its deed. `<actor> <activity>`. */
  readonly hangs?: string;
}

/** One thing to do in the model world. */
export interface Deed extends Work {
  readonly what: string;
  readonly adds?: string;
  readonly removes?: string;
}

/** What the code of a scenario's activities and actions may touch. */
export interface Hands {
  /** Takes a second; then it is done, once for each key. */
  act(deed: Deed): Promise<void>;
  /** Takes a second, and then as long as the code does. */
  work<T>(work: Work, code: () => Promise<T>): Promise<T>;
  /** One call to the outside. */
  pass<T>(what: string, call: () => Promise<T>): Promise<T>;
  /** What builds change. */
  site(): Site;
  notice(what: string): Promise<void>;
  has(what: string): boolean;
}

const workMs = 1_000;

export function handsOf(ledger: Ledger, life: Life, world: World): Hands {
  const untilAborted = (signal: AbortSignal | undefined, ms = Infinity): Promise<void> => new Promise<void>((resolve, reject) => {
    if (signal?.aborted === true) reject(new Error('aborted'));
    signal?.addEventListener('abort', () => { reject(new Error('aborted')); });
    if (ms < Infinity) world.clock.after(ms, resolve);
  });
  const work: Hands['work'] = async ({ key, signal, hangs }, code) => {
    requireStored(world, ledger, key);
    await untilAborted(signal, workMs);
    const result = await code();
    if (hangs === undefined || (ledger.hung.get(hangs) ?? key) !== key) return result;
    ledger.hung.set(hangs, key);
    await untilAborted(signal);
    return result;
  };
  return {
    work,
    act: ({ what, adds, removes, ...how }) => work(how, () => life.at(`effect ${what} ${how.key}`, async () => { ledger.apply(how.key, what, { adds, removes }); })),
    pass: (what, call) => life.at(what, call),
    site: () => ledger.site(),
    notice: (what) => life.at(`action ${what}`, async () => { ledger.noticed.add(what); }),
    has: (what) => ledger.stock.has(what),
  };
}

/** For folding alone: nothing is ever run. */
export const noHands: Hands = {
  act: () => Promise.reject(new Error('nothing runs here')),
  work: () => Promise.reject(new Error('nothing runs here')),
  pass: () => Promise.reject(new Error('nothing runs here')),
  site: () => { throw new Error('nothing runs here'); },
  notice: () => Promise.reject(new Error('nothing runs here')),
  has: () => false,
};
