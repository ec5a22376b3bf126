import { valueOf } from '../../src/kernel/status.ts';
import type { Run } from './simulate.ts';
import type { Violation } from './witness.ts';

/** A broken run, for a person who wants to know why. */
export function tell(run: Run, violations: readonly Violation[]): string {
  const { plan: { seed, wishes, settings }, blows, faults, chronicle } = run;
  const start = Date.UTC(2026, 0, 1);
  const each = <T>(items: readonly T[], line: (item: T) => string): string => items.map((item) => `  ${line(item)}\n`).join('');
  const texts = [...new Set(violations.map(({ invariant, text }) => `${invariant} ${text}`))];
  return `seed ${seed}: ${texts.length} broken\n${each(texts.slice(0, 8), (text) => text)}`
    + `settings ${JSON.stringify(settings)}\n`
    + `what people wished, ms after the start:\n${each(wishes, ({ at, to, command, id }) => `${at} ${to} ${command} (${id})`)}`
    + `what happened to hosts and broker:\n${each(blows, ({ at, what, who, ms }) => `${at} ${what} (${who}, ${ms} ms)`)}`
    + `what happened to calls:\n${each(faults, (fault) => fault)}`
    + chronicle.all().map(({ actor, records, state }) => `${actor} ${JSON.stringify(state === undefined ? null : valueOf(state))}\n${each(records, ({ seq, at, type, cause }) => `${seq} +${at - start} ${type} ${cause}`)}`).join('');
}
