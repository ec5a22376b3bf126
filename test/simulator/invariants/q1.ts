import type { Failure } from '../../../src/kernel/errors.ts';
import type { EffectId, LogRecord } from '../../../src/kernel/record.ts';
import type { Story } from '../chronicle.ts';
import type { Run } from '../simulate.ts';
import { seenOf, type Check } from './invariant.ts';

/** Waiting never counts as failing; a dead letter is stored before its message is gone. */
export const q1: Check = (run) => [...seenOf(run, 'Q1'), ...run.chronicle.all().flatMap((story) => blamed(run, story))];

/** A broker's or a host's trouble: it passes, and no wish is at fault. */
const passing = new Set(['handler_failed', 'actor_blocked', 'log_unavailable', 'broker_gone', 'append_conflict', 'bad_record', 'mailbox_full', 'already_taken', 'stale_effect']);

/** Dead letters that such trouble made. */
export async function lettersOf({ broker }: Run): Promise<readonly string[]> {
  return (await broker.dead.list()).filter(({ code }) => passing.has(code)).map(({ subject, code, reason }) => `${subject} became a dead letter, ${code}: ${reason}`);
}

/** Failures in a log that are none of the activity's own. */
function blamed(run: Run, { actor, records }: Story): readonly string[] {
  const aborted = new Set<EffectId>();
  for (const effect of run.chronicle.of(actor)?.effects.values() ?? []) if (effect.kind === 'activity.abort') aborted.add(effect.target);
  return records.filter(({ type }) => type === 'activity.failed').flatMap((record: LogRecord) => {
    const { effect, error } = record.data as unknown as { effect: EffectId; error: Failure };
    if (error.code === 'aborted' && aborted.has(effect)) return [];
    const end = run.ledger.ends.get(`${actor}#${effect}`);
    if (end !== undefined && !end.ok && end.error.code === error.code) return [];
    return [`${actor}, record ${record.seq}: the activity ${effect} failed with ${error.code} (${error.message}), and it never did`];
  });
}
