import { setImmediate as breathe } from 'node:timers/promises';

/** Work on a list that grows, done in slices of time, so that nobody else waits for a long one. */
export interface Folding<T> {
  /** Resolves when it is done, with all that came before. @throws what `one` throws; then nothing more is done. */
  add(items: readonly T[]): Promise<void>;
  /** Resolves when so many are done, or all there are. Infinity: all there are. */
  reached(count: number): Promise<void>;
}

/** Milliseconds of work between two breaths. */
const sliceMs = 10;

export function folding<T>(one: (item: T) => void): Folding<T> {
  let waiting: { readonly count: number; readonly go: () => void }[] = [];
  let backlog: T[] = [];
  let done = 0;
  let isUnderWay = false;
  let whole = Promise.resolve();

  const release = (count: number): void => {
    const ready = waiting.filter((wait) => wait.count <= count);
    waiting = waiting.filter((wait) => wait.count > count);
    for (const { go } of ready) go();
  };
  async function work(): Promise<void> {
    isUnderWay = true;
    try {
      for (let until = performance.now() + sliceMs, at = 0; at < backlog.length; at++) {
        one(backlog[at] as T);
        done++;
        if (performance.now() < until) continue;
        release(done);
        await breathe();
        until = performance.now() + sliceMs;
      }
    } finally {
      // At once, and not when the promise settles: what comes in between begins anew.
      isUnderWay = false;
      backlog = [];
      release(Infinity);
    }
  }
  return {
    add(items) {
      backlog = [...backlog, ...items];
      if (!isUnderWay) whole = work();
      return whole;
    },
    reached(count) {
      if (count <= done || !isUnderWay) return Promise.resolve();
      return new Promise((go) => { waiting.push({ count, go }); });
    },
  };
}
