import type { Dice } from './dice.ts';

/** What a host calls the broker for. */
export type CallKind = 'append' | 'read' | 'send' | 'schedule' | 'unschedule' | 'ack' | 'extend' | 'retry' | 'board' | 'dead' | 'snapshot';

/**
 * What can go wrong with one call.
 * - `lost`: it never arrives, and the caller hears of an error.
 * - `unanswered`: done, but the caller hears of an error.
 * - `late`: the caller hears of an error, and it is done seconds after that.
 * - `slow`: done, and the answer takes seconds.
 * - `waits`: it takes seconds to arrive; then it is done and answered.
 * - `conflict`: an append is told that somebody else was first, and nobody was.
 * - `dies-before`, `dies-after`: the host dies, before the call arrives or once it is done.
 */
export type Fault = 'lost' | 'unanswered' | 'late' | 'slow' | 'conflict' | 'dies-before' | 'dies-after' | 'waits';

export type FaultRates = Readonly<Record<Fault, number>>;

// New kinds go last: what a seed met before, it goes on to meet.
const first = ['lost', 'unanswered', 'late', 'slow', 'dies-before', 'dies-after'] as const;
const all: readonly Fault[] = [...first, 'waits'];
const possible: Readonly<Record<CallKind, readonly Fault[]>> = {
  append: [...first, 'conflict', 'waits'], send: all, schedule: all, unschedule: all, ack: all, board: all, dead: all, snapshot: all,
  read: ['lost', 'slow', 'dies-before', 'dies-after', 'waits'], extend: ['lost'], retry: ['lost'],
};

export interface Faults {
  /** What goes wrong with this call, if anything. `what` names it: the same call in another run meets the same fault. */
  draw(kind: CallKind, what: string): Fault | undefined;
  /** From now on nothing goes wrong. */
  calm(): void;
  /** Every fault that was injected, as `<fault> <what>#<n>`. */
  readonly injected: readonly string[];
}

/** `spared`: faults, by their name in `injected`, that are left out this time. */
export function makeFaults(dice: Dice, rates: FaultRates, spared: ReadonlySet<string> = new Set()): Faults {
  const injected: string[] = [];
  const counts = new Map<string, number>();
  let isCalm = false;
  return {
    injected,
    calm() { isCalm = true; },
    draw(kind, what) {
      if (isCalm) return undefined;
      let left = dice.roll(`fault ${what}`);
      const fault = possible[kind].find((each) => (left -= rates[each]) < 0);
      if (fault === undefined) return undefined;
      const count = (counts.get(what) ?? 0) + 1;
      counts.set(what, count);
      const name = `${fault} ${what}#${count}`;
      if (spared.has(name)) return undefined;
      injected.push(name);
      return fault;
    },
  };
}
