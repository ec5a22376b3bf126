import type { Clock } from './ports/clock.ts';

/** The longest delay `setTimeout` takes; anything longer fires at once. */
const longest = 2 ** 31 - 1;

/** The machine's own time. Delays of any length: a long one is waited for in parts. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fire) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      const part = Math.min(left, longest);
      timer = setTimeout(() => { if (left > part) wait(left - part); else fire(); }, part);
    };
    wait(Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};
