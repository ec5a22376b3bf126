import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Broker } from '../broker.ts';
import { fine, problem, type Outcome } from './finding.ts';
import type { WorkerEntry } from '../workers/entry.ts';
import { workers as membersOf } from '../workers/list.ts';
import { find, type Patient } from './patient.ts';
import { count, tally } from './words.ts';

/** A worker keeps a request open at its consumers; between two of them it may be missed. */
const looks = 3;
const betweenMs = 200;

interface Served {
  /** Commands that are stored, by type. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Those of them that nobody takes, by type. */
  readonly unserved: ReadonlyMap<string, number>;
  /** Types that somebody takes. */
  readonly taken: readonly string[];
}

/** Whether every command that waits has a worker that takes it. Not said when there is no stream yet. */
export async function checkWorkers({ broker }: Patient): Promise<Outcome | undefined> {
  let served = await look(broker);
  for (let again = 1; again < looks && served !== undefined && served.unserved.size > 0; again++) {
    await delay(betweenMs);
    served = await look(broker);
  }
  if (served === undefined) return undefined;
  // Who may not read their bucket still learns what is taken.
  const members = await membersOf(broker).list().catch(() => []);
  return judgeWorkers(served, members.map(sayMember));
}

/** `ci-1/4711 serves 4 partitions of build, 2 partitions of run.`; which ones, `millrace ls --workers` tells. */
function sayMember({ host, pid, serves }: WorkerEntry): string {
  const parts = Object.entries(serves).filter(([, numbers]) => numbers.length > 0).map(([type, numbers]) => `${count(numbers.length, 'partition')} of ${type}`);
  return `${host}/${pid} serves ${parts.length === 0 ? 'nothing yet' : parts.join(', ')}.`;
}

function judgeWorkers({ waiting, unserved, taken }: Served, members: readonly string[]): Outcome {
  const total = [...waiting.values()].reduce((sum, n) => sum + n, 0);
  const workers = taken.length === 0 ? 'No worker is connected' : `Workers take ${taken.join(', ')}`;
  if (unserved.size === 0) return fine([total === 0 ? `${workers}; no command waits.` : `${workers}; ${count(total, 'command')} in hand.`, ...members].join(' '));
  const types = [...unserved.keys()];
  return problem(`Commands wait for machines that no worker carries: ${tally(unserved)}. ${[`${workers}.`, ...members].join(' ')}`,
    `Start a worker that carries ${types.join(', ')}: \`millrace worker\`, with --machines for machines of your own. A version and a hash name the definition that began an actor: another one goes on with it only if it says so in resumesFrom.`);
}

async function look(broker: Broker): Promise<Served | undefined> {
  const { names: { prefix, streams: { commands } }, jsm } = broker;
  const groups = [`${prefix}.work.>`, `${prefix}.held.>`, `${prefix}.cmd.>`];
  const infos = await Promise.all(groups.map((group) => find(broker, commands, group)));
  if (infos.some((info) => info === undefined)) return undefined;
  const pulled: string[] = [];
  for await (const consumer of jsm.consumers.list(commands)) if (consumer.num_waiting > 0) pulled.push(...filtersOf(consumer));

  const [waiting, unserved] = [new Map<string, number>(), new Map<string, number>()];
  for (const [subject, n] of infos.flatMap((info) => Object.entries(info?.state.subjects ?? {}))) {
    const type = typeOf(prefix, subject);
    waiting.set(type, (waiting.get(type) ?? 0) + n);
    if (!pulled.some((filter) => matches(filter, subject))) unserved.set(type, (unserved.get(type) ?? 0) + n);
  }
  const taken = pulled.filter((filter) => filter.startsWith(`${prefix}.work.`)).map((filter) => typeOf(prefix, filter));
  return { waiting, unserved, taken: [...new Set(taken)].toSorted() };
}

const filtersOf = ({ config }: ConsumerInfo): readonly string[] => config.filter_subjects ?? [config.filter_subject ?? '>'];

/** `<prefix>.work.<partition>.<type>...`, or a definition as `build 1 (<hash>)`; what the stream's transform did not take is malformed. */
function typeOf(prefix: string, subject: string): string {
  const [kind, ...rest] = subject.slice(prefix.length + 1).split('.');
  if (kind === 'work') return rest[1] ?? '(malformed)';
  return kind === 'held' ? `${rest[0]} ${rest[1]} (${rest[2]})` : '(malformed)';
}

/** Whether a subject falls under a filter with `*` and `>`. */
export function matches(filter: string, subject: string): boolean {
  const [wanted, found] = [filter.split('.'), subject.split('.')];
  const open = wanted.at(-1) === '>';
  if (open ? found.length < wanted.length : found.length !== wanted.length) return false;
  return wanted.every((token, index) => token === '*' || (open && index === wanted.length - 1) || token === found[index]);
}
