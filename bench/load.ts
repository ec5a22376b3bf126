import { assign, setup } from 'xstate';
import { defineMachine } from '../src/index.ts';
import { seal } from '../src/kernel/chain.ts';
import type { Definition } from '../src/kernel/definition.ts';
import { evolve } from '../src/kernel/evolve.ts';
import type { ActorName, LogRecord } from '../src/kernel/record.ts';
import { fold } from '../src/kernel/replay.ts';
import type { ActorState } from '../src/kernel/state.ts';
import { closedLoop, percentile } from './stats.ts';
import { eleven } from './sagas.ts';
import type { BenchWorld } from './world.ts';

export interface LoadFigures {
  readonly records: number;
  /** One actor's log read from the server and folded, nothing of it in memory. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface ReplayFigures {
  readonly machine: string;
  readonly records: number;
  /** Folded, from memory. */
  readonly perSecond: number;
}

export const counter = defineMachine({
  version: '1',
  machine: setup({ actions: { count: assign({ n: ({ context }) => (context as { n: number }).n + 1 }) } }).createMachine({
    id: 'counter', initial: 'on', context: { n: 0 }, states: { on: { on: { add: { actions: 'count' } } } },
  }),
});

/** How long it takes to bring one actor to life. */
export async function runLoad(world: BenchWorld, records: number, actors: number): Promise<LoadFigures> {
  const names = Array.from({ length: actors }, (_, index): ActorName => `counter/c${records}-${index}`);
  await Promise.all(names.map((actor) => store(world, counterLog(actor, records))));
  const times: number[] = [];
  await closedLoop(actors, 1, async (index) => {
    const start = performance.now();
    fold(counter, (await world.log.read(names[index] ?? 'counter/none')).records);
    times.push(performance.now() - start);
  });
  return { records, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}

/** A log as it is, record by record. */
export async function store(world: BenchWorld, log: readonly LogRecord[]): Promise<void> {
  let position = 0;
  for (const record of log) position = await world.log.append(record, position);
}

/** How fast logs fold: a plain counter, and the eleven-step saga. */
export function runReplay(): ReplayFigures[] {
  return [
    replay(counter, Array.from({ length: 100 }, (_, index) => counterLog(`counter/r${index}`, 1000))),
    replay(eleven, Array.from({ length: 2000 }, (_, index) => sagaLog(`eleven/r${index}`))),
  ];
}

function replay(definition: Definition, logs: readonly (readonly LogRecord[])[]): ReplayFigures {
  for (const log of logs.slice(0, logs.length / 4)) fold(definition, log);
  const start = performance.now();
  for (const log of logs) fold(definition, log);
  const seconds = (performance.now() - start) / 1000;
  const records = logs.reduce((sum, log) => sum + log.length, 0);
  return { machine: definition.stamp.name, records, perSecond: records / seconds };
}

type Draft = Pick<LogRecord, 'type' | 'data' | 'cause'>;

/** A log as a host would write it. `next`: what comes after this state. */
function logOf(definition: Definition, actor: ActorName, input: Draft['data'], next: (state: ActorState) => Draft | undefined): LogRecord[] {
  const records: LogRecord[] = [];
  let state: ActorState | undefined;
  let draft: Draft | undefined = { type: 'actor.created', data: { input }, cause: actor };
  while (draft !== undefined) {
    const record = seal(state?.chain, { actor, seq: records.length + 1, at: 1_700_000_000_000 + records.length, machine: definition.stamp, ...draft });
    records.push(record);
    ({ state } = evolve(definition, state, record));
    draft = next(state);
  }
  return records;
}

export const counterLog = (actor: ActorName, records: number): LogRecord[] =>
  logOf(counter, actor, {}, ({ seq }) => (seq < records ? { type: 'add', data: {}, cause: `add-${seq}` } : undefined));

/** The log of one eleven-step saga that completed. */
export const sagaLog = (actor: ActorName): LogRecord[] => logOf(eleven, actor, { n: 1 }, ({ activities, seq }) => {
  const [running] = Object.entries(activities);
  if (running === undefined) return undefined;
  const [effect, { activity }] = running;
  return { type: 'activity.completed', data: { activity, effect, output: { [`out${seq}`]: 1 } }, cause: effect };
});
