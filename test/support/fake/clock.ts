import type { Clock } from '../../../src/runtime/ports/clock.ts';

/** Time that stands still until it is told to move. */
export interface VirtualClock extends Clock {
  /** Let everything that is ready run, without moving time. */
  settle(): Promise<void>;
  /** Move time on by `ms`, firing each timer at its own moment and settling after each. */
  advance(ms: number): Promise<void>;
  /** Advance from timer to timer until `done()` holds. @throws when it does not within `limitMs` of virtual time. */
  runUntil(done: () => boolean, limitMs?: number): Promise<void>;
  /** The moment of the next timer, if there is one. */
  next(): number | undefined;
}

interface Timer { readonly at: number; readonly order: number; readonly fire: () => void }

// Kept from before any test replaces it. It runs after every microtask that is ready.
const afterMicrotasks = setImmediate;

export function virtualClock(startMs = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = startMs;
  let order = 0;
  const timers = new Set<Timer>();

  const settle = async (): Promise<void> => {
    // Twice: what the first round started may itself have waited for a turn of the loop.
    for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => { afterMicrotasks(resolve); });
  };
  const first = (): Timer | undefined => {
    let found: Timer | undefined;
    for (const timer of timers) {
      if (found === undefined || timer.at < found.at || (timer.at === found.at && timer.order < found.order)) found = timer;
    }
    return found;
  };
  const fireFirst = async (upTo: number): Promise<boolean> => {
    const timer = first();
    if (timer === undefined || timer.at > upTo) return false;
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.fire();
    await settle();
    return true;
  };

  return {
    now: () => now,
    after(ms, fire) {
      const timer = { at: now + Math.max(0, ms), order: order++, fire };
      timers.add(timer);
      return () => { timers.delete(timer); };
    },
    settle,
    next: () => first()?.at,
    async advance(ms) {
      const end = now + ms;
      await settle();
      while (await fireFirst(end)) { /* each timer settles before the next */ }
      now = end;
    },
    async runUntil(done, limitMs = 24 * 3600_000) {
      const end = now + limitMs;
      await settle();
      while (!done()) {
        if (!(await fireFirst(end))) {
          const what = timers.size === 0 ? 'no timer is left' : `${limitMs} ms of virtual time passed`;
          throw new Error(`runUntil: ${what} and the condition does not hold`);
        }
      }
    },
  };
}
