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

interface Timer { readonly at: number; readonly order: number; readonly fire: () => void; cancelled: boolean }

// Kept from before any test replaces it. It runs after every microtask that is ready.
const afterMicrotasks = setImmediate;

/** `turns`: how many turns of the event loop everything that is ready gets; one is enough where nothing waits for such a turn itself. */
export function virtualClock(startMs = Date.UTC(2026, 0, 1), { turns = 2 } = {}): VirtualClock {
  let now = startMs;
  let order = 0;
  const timers = timerHeap();

  const settle = async (): Promise<void> => {
    // By default twice: what the first round started may itself have waited for a turn of the loop.
    for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => { afterMicrotasks(resolve); });
  };
  const fireFirst = async (upTo: number): Promise<boolean> => {
    const timer = timers.first();
    if (timer === undefined || timer.at > upTo) return false;
    timers.takeFirst();
    now = Math.max(now, timer.at);
    timer.fire();
    await settle();
    return true;
  };

  return {
    now: () => now,
    after(ms, fire) {
      const timer = { at: now + Math.max(0, ms), order: order++, fire, cancelled: false };
      timers.add(timer);
      return () => { timer.cancelled = true; };
    },
    settle,
    next: () => timers.first()?.at,
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
          const what = timers.first() === undefined ? 'no timer is left' : `${limitMs} ms of virtual time passed`;
          throw new Error(`runUntil: ${what} and the condition does not hold`);
        }
      }
    },
  };
}

/** A binary heap, the earliest timer on top; cancelled ones are dropped when they get there. */
function timerHeap() {
  const heap: Timer[] = [];
  const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
  const takeFirst = (): void => {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const next = right !== undefined && left !== undefined && before(right, left) ? 2 * at + 2 : 2 * at + 1;
      const child = heap[next];
      if (child === undefined || before(last, child)) break;
      heap[at] = child;
      at = next;
    }
    heap[at] = last;
  };
  return {
    takeFirst,
    first(): Timer | undefined {
      while (heap[0]?.cancelled === true) takeFirst();
      return heap[0];
    },
    add(timer: Timer): void {
      let at = heap.length;
      for (let up = (at - 1) >> 1; at > 0; up = (at - 1) >> 1) {
        const parent = heap[up];
        if (parent === undefined || before(parent, timer)) break;
        heap[at] = parent;
        at = up;
      }
      heap[at] = timer;
    },
  };
}
