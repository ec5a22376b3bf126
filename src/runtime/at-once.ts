import type { ActivityCode, Definition } from '../kernel/definition.ts';
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
    const leave = await enter((scope as { readonly signal: AbortSignal }).signal);
    try {
      return await code(scope);
    } finally {
      leave();
    }
  };
  return definitions.map((definition) => ({
    ...definition,
    activities: Object.fromEntries(Object.entries(definition.activities).map(([name, code]) => [name, limited(code)])),
  }));
}

type Leave = () => void;

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
      resolve(leave);
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
