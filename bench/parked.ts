import { setTimeout as pause } from 'node:timers/promises';
import { askFor } from '../src/adapters/nats/ask.ts';
import { defaultLeaseMs } from '../src/adapters/nats/workers/queue.ts';
import type { ActorName } from '../src/kernel/record.ts';
import { startWorker } from './child.ts';
import { closedLoop } from './stats.ts';
import type { BenchWorld } from './world.ts';

export interface ParkedFigures {
  readonly actors: number;
  /** Of the worker's memory, for each actor that waits: against the same worker before there was any. */
  readonly bytesEach: number;
  /** From the start of a worker's process until the first of them has answered. */
  readonly firstAnswerMs: number;
  /** The same, without the start of the process and its connection. */
  readonly firstWakeMs: number;
}

/** A worker lets go of an actor that has rested for thirty seconds, and looks every fifteen. */
const untilLetGoMs = 50_000;

/** `actors` that wait for a command or for tomorrow, and a worker that comes when they are all asleep. */
export async function runParked(world: BenchWorld, actors: number): Promise<ParkedFigures> {
  const worker = await startWorker(world.url());
  const create = (index: number): Promise<void> => world.queue.send({ to: `parked/p${index}`, command: 'create', body: {}, id: `p${index}` });
  // The first ones warm up what stays.
  await settled(world, Math.ceil(actors / 10), create);
  await pause(untilLetGoMs);
  const before = await worker.weigh();
  await settled(world, actors, (index) => create(actors + index));
  await pause(untilLetGoMs);
  const after = await worker.weigh();
  await worker.kill();
  const answer = await firstAnswer(world, 'parked/p0', 'wake');
  return { actors, bytesEach: (after.heapUsed - before.heapUsed) / actors, ...answer };
}

type FirstAnswer = Pick<ParkedFigures, 'firstAnswerMs' | 'firstWakeMs'>;

/** Until no worker is waited for that was killed: how long a takeover takes is W3's to say. */
const untilForgottenMs = defaultLeaseMs + 1_000;

/** A worker starts, and one who is asleep is asked. */
async function firstAnswer(world: BenchWorld, actor: ActorName, command: string): Promise<FirstAnswer> {
  await pause(untilForgottenMs);
  const start = performance.now();
  const worker = await startWorker(world.url());
  const ready = performance.now();
  await askFor(world.broker, { to: actor, command, body: {} }, { timeoutMs: 60_000 });
  const end = performance.now();
  await worker.kill();
  return { firstAnswerMs: end - start, firstWakeMs: end - ready };
}

/** The middle one of three such starts, with a few actors asleep. */
export async function runFirstAnswer(world: BenchWorld, name: string): Promise<FirstAnswer> {
  const worker = await startWorker(world.url());
  await settled(world, 100, (index) => world.queue.send({ to: `parked/${name}-${index}`, command: 'create', body: {}, id: `${name}-${index}` }));
  await worker.kill();
  const answers: FirstAnswer[] = [];
  for (let start = 0; start < 3; start++) answers.push(await firstAnswer(world, `parked/${name}-${start}`, 'wake'));
  const [, middle = { firstAnswerMs: Number.NaN, firstWakeMs: Number.NaN }] = answers.sort((a, b) => a.firstAnswerMs - b.firstAnswerMs);
  return middle;
}

/** All created, and nothing of it under way any more. */
async function settled(world: BenchWorld, count: number, create: (index: number) => Promise<void>): Promise<void> {
  await closedLoop(count, 256, create);
  const { names, jsm } = world.broker;
  // `num_subjects` counts those of the timers as well, whatever the filter.
  const waiting = async (): Promise<number> => Object.keys((await jsm.streams.info(names.streams.commands, { subjects_filter: `${names.prefix}.work.>` })).state.subjects ?? {}).length;
  while (await waiting() > 0) await pause(100);
}
