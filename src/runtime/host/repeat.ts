import type { Clock } from '../ports/clock.ts';

/** Do it every so many ms, first after as many; what is given back ends it. */
export function repeat(clock: Clock, everyMs: number, work: () => void): () => void {
  let cancel = (): void => {};
  const next = (): void => {
    cancel = clock.after(everyMs, () => {
      work();
      next();
    });
  };
  next();
  return () => cancel();
}
