import { fine, problem, type Outcome } from './finding.ts';
import { find, type Patient } from './patient.ts';
import { count, span, tally } from './words.ts';

/** Whether there are commands that nobody could handle. Not said when there is no stream yet. */
export async function checkDeadLetters({ broker, now }: Patient): Promise<Outcome | undefined> {
  const { dead } = broker.names.streams;
  const root = `${broker.names.prefix}.dead.`;
  const info = await find(broker, dead, `${root}>`);
  if (info === undefined) return undefined;
  const { messages, first_ts: first, subjects = {} } = info.state;
  if (messages === 0) return fine('There are no dead letters.');
  const types = new Map<string, number>();
  for (const [subject, n] of Object.entries(subjects)) {
    const type = subject.slice(root.length).split('.')[0] ?? '';
    types.set(type, (types.get(type) ?? 0) + n);
  }
  const age = span(Math.max(0, now() - Date.parse(first)));
  return problem(`${count(messages, 'dead letter')} (${tally(types)}), the oldest ${age} old.`,
    'See why with `millrace dead ls` and `millrace dead show`; then `millrace dead retry` or `millrace dead drop` each.');
}
