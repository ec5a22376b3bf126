import type { World } from '../../support/world.ts';
import { requireStored } from './guard.ts';
import type { Ledger } from './ledger.ts';
import type { Life } from './life.ts';

/** One thing to do in the model world. */
export interface Deed {
  readonly key: string;
  readonly what: string;
  readonly adds?: string;
  readonly removes?: string;
  readonly signal?: AbortSignal;
  /** Its first run does not end by itself, once it has done its deed. `<actor> <activity>`. */
  readonly hangs?: string;
}

/** What the code of a scenario's activities and actions may touch. */
export interface Hands {
  /** Takes a second; then it is done, once for each key. */
  act(deed: Deed): Promise<void>;
  notice(what: string): Promise<void>;
  has(what: string): boolean;
}

const workMs = 1_000;

export function handsOf(ledger: Ledger, life: Life, world: World): Hands {
  return {
    async act({ key, what, signal, hangs, ...change }) {
      requireStored(world, ledger, key);
      await new Promise<void>((resolve, reject) => {
        signal?.addEventListener('abort', () => { reject(new Error('aborted')); });
        world.clock.after(workMs, resolve);
      });
      await life.at(`effect ${what} ${key}`, async () => { ledger.apply(key, what, change); });
      if (hangs === undefined || (ledger.hung.get(hangs) ?? key) !== key) return;
      ledger.hung.set(hangs, key);
      await new Promise<void>((_resolve, reject) => {
        if (signal?.aborted === true) reject(new Error('aborted'));
        signal?.addEventListener('abort', () => { reject(new Error('aborted')); });
      });
    },
    notice: (what) => life.at(`action ${what}`, async () => { ledger.noticed.add(what); }),
    has: (what) => ledger.stock.has(what),
  };
}

/** For folding alone: nothing is ever run. */
export const noHands: Hands = {
  act: () => Promise.reject(new Error('nothing runs here')),
  notice: () => Promise.reject(new Error('nothing runs here')),
  has: () => false,
};
