import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ActorName } from '../src/kernel/record.ts';
import { startWorker, type Weight } from './child.ts';
import { closedLoop } from './stats.ts';
import type { BenchWorld } from './world.ts';

/** At one moment. Memory in MB. */
export interface SoakSample {
  readonly workerHeapMb: number;
  readonly workerRssMb: number;
  readonly serverRssMb: number;
  readonly consumers: number;
  readonly streams: number;
  /** In the server's folder, but for those of the log and of the board. */
  readonly files: number;
}

export interface SoakFigures {
  readonly rounds: number;
  readonly actors: number;
  readonly records: number;
  /** Means over the second and over the last quarter of the rounds. */
  readonly early: SoakSample;
  readonly late: SoakSample;
  /** Commands and timers still in the queue when all was done. */
  readonly left: number;
}

/** What a busy team asks of Millrace in two minutes, again and again as fast as it goes: builds that go well, that fail, that are cancelled, and what waits. */
const perRound = { well: 60, failing: 20, cancelled: 20, ringing: 20, woken: 20 };
const actorsPerRound = Object.values(perRound).reduce((sum, count) => sum + count, 0);

/** `rounds` of mixed load on one worker; sixty are two hours of it. */
export async function runSoak(world: BenchWorld, rounds: number): Promise<SoakFigures> {
  const worker = await startWorker(world.url(), '/dev/null');
  const samples: SoakSample[] = [];
  for (let round = 0; round < rounds; round++) {
    await oneRound(world, round);
    samples.push(await sampleOf(world, await worker.weigh()));
  }
  const records = (await world.broker.jsm.streams.info(world.broker.names.streams.events)).state.messages;
  // Everyone is asleep or done: only the timers of those asleep are left.
  const left = await waiting(world);
  await worker.kill();
  const quarter = (from: number, to: number): SoakSample => meanOf(samples.slice(Math.floor(rounds * from), Math.max(1, Math.ceil(rounds * to))));
  return { rounds, actors: rounds * actorsPerRound, records, early: quarter(0.25, 0.5), late: quarter(0.75, 1), left };
}

async function oneRound(world: BenchWorld, round: number): Promise<void> {
  const send = (to: ActorName, command: string, body: { [key: string]: number } = {}): Promise<void> => world.queue.send({ to, command, body, id: `${to}-${command}`, reply: 'nobody.listens' });
  const each = (count: number, name: string, work: (actor: string) => Promise<void>): Promise<unknown> => closedLoop(count, 16, (index) => work(`${name}${round}-${index}`));
  await Promise.all([
    each(perRound.well, 'w', (id) => send(`counted/${id}`, 'create', { n: 1 })),
    each(perRound.failing, 'f', (id) => send(`turning/${id}`, 'create', { n: 1 })),
    each(perRound.cancelled, 'c', async (id) => {
      await send(`counted/${id}`, 'create', { n: 1 });
      await send(`counted/${id}`, 'cancel');
    }),
    each(perRound.ringing, 'r', (id) => send(`alarm/${id}`, 'create', { ms: 500 })),
    each(perRound.woken, 's', async (id) => {
      await send(`parked/${id}`, 'create');
      await send(`parked/${id}`, 'wake');
    }),
  ]);
  while (await waiting(world) > 0) await pause(50);
}

async function waiting({ broker: { names, jsm } }: BenchWorld): Promise<number> {
  const { state } = await jsm.streams.info(names.streams.commands);
  return state.messages;
}

async function sampleOf({ broker: { jsm }, dataDir, serverPid }: BenchWorld, { heapUsed, rss }: Weight): Promise<SoakSample> {
  const account = await jsm.getAccountInfo();
  const isOther = (path: string): boolean => !/MILLRACE_EVENTS|KV_millrace_board/.test(path);
  return {
    workerHeapMb: heapUsed / 2 ** 20, workerRssMb: rss / 2 ** 20, serverRssMb: rssOf(serverPid()) / 2 ** 20,
    consumers: account.consumers, streams: account.streams,
    files: readdirSync(join(dataDir, 'nats'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && isOther(join(entry.parentPath, entry.name))).length,
  };
}

/** Bytes; NaN where there is no /proc. */
function rssOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

function meanOf(samples: readonly SoakSample[]): SoakSample {
  const mean = (key: keyof SoakSample): number => samples.reduce((sum, sample) => sum + sample[key], 0) / samples.length;
  return { workerHeapMb: mean('workerHeapMb'), workerRssMb: mean('workerRssMb'), serverRssMb: mean('serverRssMb'), consumers: mean('consumers'), streams: mean('streams'), files: mean('files') };
}
