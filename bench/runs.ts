import { setTimeout as pause } from 'node:timers/promises';
import { scriptedRunner } from '../src/adapters/runners/scripted/runner.ts';
import { memoryStore } from '../src/adapters/runners/scripted/store.ts';
import { RetryableError } from '../src/kernel/errors.ts';
import type { Definition } from '../src/kernel/definition.ts';
import type { ActorName } from '../src/kernel/record.ts';
import { runDefinition } from '../src/machines/run/machine.ts';
import { chainsOf, type Chains } from './chains.ts';
import { intervals, type IntervalFigures } from './intervals.ts';
import { closedLoop, cpuSince } from './stats.ts';
import type { BenchWorld } from './world.ts';

export interface RunsFigures extends IntervalFigures {
  readonly runs: number;
  readonly seconds: number;
  /** Asked for, and how far the mean is off. */
  readonly everyMs: number;
  readonly drift: number;
  /** Of one run at one moment, over the whole time: 1 and 1 is one live chain throughout. */
  readonly chains: Chains;
  readonly deadLetters: number;
  /** Resident memory of this process (worker and meter in one), MB: over the first and the last fifth of the time. */
  readonly rssStartMb: number;
  readonly rssEndMb: number;
  /** Of one CPU, this process; the server's is beside it. */
  readonly cpuShare: number;
  readonly recordsPerRun: number;
}

const everyMs = 200;

/** `runs` builds that never end, all polled by one worker. */
export async function runRuns(world: BenchWorld, runs: number, seconds: number): Promise<RunsFigures> {
  const meter = intervals(everyMs);
  const backend = scriptedRunner({ store: memoryStore() });
  const polled = { ...backend, status: async (id: Parameters<typeof backend.status>[0]) => { meter.mark(id); return backend.status(id); } };
  const open = new Map<ActorName, number>();
  const definition = counting(runDefinition({ runners: () => polled }), open);
  const names = Array.from({ length: runs }, (_, index): ActorName => `run/r${index}`);
  let records = 0;
  const host = await world.worker([definition], () => { records++; });
  const input = { runner: 'scripted', head: [{ uri: 'script:running' }], poll: { acceptedMs: everyMs, runningMs: everyMs } };
  await closedLoop(runs, 16, async (index) => {
    const actor = names[index] ?? 'run/none';
    await patiently(() => world.queue.send({ to: actor, command: 'trigger', body: input, id: actor }));
  });
  while (meter.seen() < runs) await pause(50);
  await pause(5_000);

  meter.reset();
  records = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const rss: number[] = [];
  const chains = chainsOf(world, names, open);
  while (performance.now() - start < seconds * 1000) {
    await Promise.all([chains.look(), pause(1_000)]);
    rss.push(process.memoryUsage().rss / 1024 / 1024);
  }
  const elapsed = performance.now() - start;
  const cpuShare = cpuSince(cpu) / elapsed;
  const figures = meter.figures(elapsed);
  const dead = await world.broker.jsm.streams.info(world.broker.names.streams.dead);
  await host.stop({ graceMs: 2_000 });
  const fifth = Math.max(1, Math.floor(rss.length / 5));
  return {
    runs, seconds: elapsed / 1000, everyMs, ...figures, drift: figures.meanMs / everyMs - 1, chains: chains.seen(), deadLetters: dead.state.messages,
    rssStartMb: mean(rss.slice(0, fifth)), rssEndMb: mean(rss.slice(-fifth)), cpuShare, recordsPerRun: records / runs,
  };
}

/** A machine that is busy elsewhere may keep the broker from answering in time; the id makes a second sending harmless. */
async function patiently(send: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return void (await send());
    } catch (error) {
      if (!(error instanceof RetryableError) || tries === 10) throw error;
    }
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The same machine, counting the checks each run has open. */
function counting(definition: Definition, open: Map<ActorName, number>): Definition {
  const { status } = definition.activities;
  if (status === undefined) throw new Error('the run machine has no activity "status"');
  const change = (actor: ActorName, by: 1 | -1): void => void open.set(actor, (open.get(actor) ?? 0) + by);
  const counted: typeof status = async (scope) => {
    const { actor } = scope as { readonly actor: ActorName };
    change(actor, 1);
    try {
      return await status(scope);
    } finally {
      change(actor, -1);
    }
  };
  return { ...definition, activities: { ...definition.activities, status: counted } };
}
