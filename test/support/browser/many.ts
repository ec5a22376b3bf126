import type { Millrace } from '../../../src/connect.ts';
import { seal } from '../../../src/kernel/chain.ts';
import { evolve } from '../../../src/kernel/evolve.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { ActorName, LogRecord } from '../../../src/kernel/record.ts';
import type { ActorState, Status } from '../../../src/kernel/state.ts';
import type { BoardEntry } from '../../../src/projections/board.ts';
import { readOnlyMachines } from '../../../src/read-only-machines.ts';
import { storeAll } from '../stored.ts';

const statuses: readonly Status[] = ['running', 'completed', 'completed', 'failed', 'completed'];

/** Rows as workers put them on the board, of builds that are told of and nothing else. */
export async function manyRows({ broker: { nc, names } }: Millrace, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const row: BoardEntry = {
      actor: `build/bulk-${String(n).padStart(5, '0')}`, status: statuses[n % statuses.length] ?? 'running', seq: 5, at: 1_790_000_000_000 + n * 1_000, createdAt: 1_790_000_000_000 + n * 900,
      value: { work: { 'build-artifact': { executing: 'active' } }, control: 'running' },
    };
    nc.publish(`$KV.${names.buckets.board}.${row.actor.replace('/', '.')}`, JSON.stringify(row));
    if (n % 2_000 === 0) await nc.flush();
  }
  await nc.flush();
}

/** A run that was polled for hours: its log as a worker writes it, folded by the kernel, stored as it is. */
export async function longRun({ broker }: Millrace, id: string, count: number): Promise<ActorName> {
  const actor: ActorName = `run/${id}`;
  await storeAll(broker, logOf(actor, count));
  return actor;
}

function* logOf(actor: ActorName, count: number): Generator<LogRecord> {
  const definition = readOnlyMachines().find(({ stamp }) => stamp.name === 'run');
  if (definition === undefined) throw new Error('there is no run machine');
  let state: ActorState | undefined;
  let next: Pick<LogRecord, 'type' | 'data' | 'cause'> = { type: 'actor.created', data: { input: { runner: 'vendor', base: [], head: [], metadata: {}, deadlineMs: 30_000_000 } }, cause: actor };
  for (let seq = 1; seq <= count; seq++) {
    const record = seal(state?.chain, { actor, seq, at: 1_790_000_000_000 + seq * 2_000, machine: definition.stamp, ...next });
    yield record;
    ({ state } = evolve(definition, state, record));
    next = nextIn(state);
  }
}

/** What runs ends as it should, else the timer that is due first fires. */
function nextIn({ activities, timers, seq }: ActorState): Pick<LogRecord, 'type' | 'data' | 'cause'> {
  const [running] = Object.entries(activities);
  if (running !== undefined) {
    const [effect, { activity }] = running;
    const output: JsonObject = activity === 'trigger' ? { buildId: 'm1', pausable: false } : { status: 'running', metadata: { percent: String(seq % 100) } };
    return { type: 'activity.completed', data: { activity, effect, output }, cause: effect };
  }
  const [due] = Object.entries(timers).toSorted(([, a], [, b]) => a.due - b.due);
  if (due === undefined) throw new Error(`nothing can come after record ${seq}`);
  return { type: 'timer.fired', data: { timer: due[1].timer, effect: due[0] }, cause: due[0] };
}
