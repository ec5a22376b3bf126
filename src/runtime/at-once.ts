import type { ActivityCode, ActivityScope, Definition } from '../kernel/definition.ts';
import { TerminalError } from '../kernel/errors.ts';

/**
 * The same definitions, of whose activities at most `limit` run at once, first come, first served. One that waits
 * counts as running for its actor: its command stays in the queue's care, and it can be aborted.
 * @throws TerminalError `bad_concurrency`.
 */
export function atOnce(definitions: readonly Definition[], limit: number): readonly Definition[] {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new TerminalError('bad_concurrency', `${limit} activities cannot run at once`, { hint: 'give a whole number from 1' });
  }
  const enter = gate(limit);
  const limited = (code: ActivityCode): ActivityCode => async (scope) => {
    const places = new Set<Leave>();
    let ended = false;
    const { signal, wait } = scope as ActivityScope;
    const enterOne = async (): Promise<void> => {
      const leave = await enter(signal);
      // Nobody awaited the wait, and the activity is over.
      if (ended) leave();
      else places.add(leave);
    };
    const leaveOne = (): void => {
      const [leave] = places;
      if (leave === undefined) return;
      places.delete(leave);
      leave();
    };
    const waitOutside = async (ms: number): Promise<void> => {
      leaveOne();
      await wait(ms);
      await enterOne();
    };
    await enterOne();
    try {
      return await code({ ...scope, wait: waitOutside });
    } finally {
      ended = true;
      while (places.size > 0) leaveOne();
    }
  };
  return definitions.map((definition) => ({
    ...definition,
    activities: Object.fromEntries(Object.entries(definition.activities).map(([name, code]) => [name, limited(code)])),
  }));
}

type Leave = () => void;

/** Each call gives a place of its own, which is left once. */
function gate(limit: number): (signal: AbortSignal) => Promise<Leave> {
  const waiting = new Set<() => void>();
  let free = limit;
  const leave = (): void => {
    free++;
    const [next] = waiting;
    next?.();
  };
  return (signal) => new Promise<Leave>((resolve, reject) => {
    const enter = (): void => {
      waiting.delete(enter);
      signal.removeEventListener('abort', giveUp);
      free--;
      resolve(() => leave());
    };
    const giveUp = (): void => {
      waiting.delete(enter);
      reject(signal.reason as Error);
    };
    if (signal.aborted) return giveUp();
    if (free > 0) return enter();
    waiting.add(enter);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
