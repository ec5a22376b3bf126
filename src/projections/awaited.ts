import type { Awaited } from '../kernel/status.ts';
import { isNameless, timerWords } from './chart/timer-words.ts';

/**
 * What an actor of this type waits for from outside, in a line: `waits for approve, until 4:30 PM`; empty when there is nothing
 * such. Of several commands those that people give (`peoples`) count before others. `time` writes a moment. Pure.
 */
export function awaitedText(type: string, waitingFor: readonly Awaited[], peoples: readonly string[], time: (at: number) => string): string {
  const named = waitingFor.filter(({ kind }) => kind === 'command').map(({ name }) => name);
  const wished = named.filter((name) => peoples.includes(name));
  const commands = wished.length > 0 ? wished : named;
  const timers = waitingFor.filter(({ kind }) => kind === 'timer').toSorted((a, b) => (a.until ?? 0) - (b.until ?? 0)).map(({ name, until }) => {
    if (until === undefined) return timerWords(name, type);
    if (!isNameless(name)) return `${timerWords(name, type)} at ${time(until)}`;
    return commands.length > 0 ? `until ${time(until)}` : `${timerWords(name, type)}, until ${time(until)}`;
  });
  const all = [...commands, ...timers];
  return all.length === 0 ? '' : `waits for ${all.join(', ')}`;
}

/** One of them as a line of its own: `for the timer next look, due 4:30 PM`. Pure. */
export const awaitedLine = (type: string, { kind, name, until }: Awaited, time: (at: number) => string): string =>
  `for the ${kind} ${kind === 'timer' ? timerWords(name, type) : name}${until === undefined ? '' : `, due ${time(until)}`}`;
