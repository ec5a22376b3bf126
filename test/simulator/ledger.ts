import type { RetryableError, TerminalError } from '../../src/kernel/errors.ts';
import type { Json } from '../../src/kernel/json.ts';

/** How an activity ended in the model world. The same key has the same end, however often it is run. */
export type End = { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: RetryableError | TerminalError };

/** What one step has done to the world. `isVoid`: it was taken back, and nothing under its key is begun again. */
export interface Standing { present: boolean; adds: number; removes: number; isVoid: boolean; /** Which of all removals it was. */ removedAs?: number }

/** The model world: what all hosts together did to it. It outlives them. */
export interface Ledger {
  /** Every run that began, by key. */
  readonly starts: Map<string, { readonly src: string; readonly input: Json }>;
  readonly ends: Map<string, End>;
  /** By `<actor>/<step>`. */
  readonly stock: Map<string, Standing>;
  /** Ids of the messages that were handed to the broker. */
  readonly sent: Set<string>;
  /** How often each emit and each custom action was seen. */
  readonly noticed: Map<string, number>;
  notice(what: string): void;
  standing(stepKey: string): Standing;
  remove(standing: Standing): void;
}

export function makeLedger(): Ledger {
  const stock = new Map<string, Standing>();
  const noticed = new Map<string, number>();
  let removals = 0;
  return {
    starts: new Map(), ends: new Map(), sent: new Set(), stock, noticed,
    notice(what) { noticed.set(what, (noticed.get(what) ?? 0) + 1); },
    remove(standing) {
      standing.removes++;
      standing.removedAs = ++removals;
    },
    standing(stepKey) {
      const there = stock.get(stepKey) ?? { present: false, adds: 0, removes: 0, isVoid: false };
      stock.set(stepKey, there);
      return there;
    },
  };
}
