import { loadavg, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { runCeiling, type CeilingFigures } from './ceiling.ts';
import { runLoad, runReplay, type LoadFigures, type ReplayFigures } from './load.ts';
import { runConsole, type ConsoleFigures } from './console.ts';
import { runCrash, type CrashFigures } from './crash.ts';
import { runGrowth, type GrowthFigures } from './growth.ts';
import { runParked, type ParkedFigures } from './parked.ts';
import { runRaw, type RawFigures } from './raw.ts';
import { runPromises, type PromiseFigures } from './promises.ts';
import { runRuns, type RunsFigures } from './runs.ts';
import { eleven, turning } from './sagas.ts';
import { runSoak, type SoakFigures } from './soak.ts';
import { tableOf } from './table.ts';
import { runTimers, type TimerFigures } from './timers.ts';
import { runSagas, type SagaFigures } from './w1.ts';
import { openWorld, type BenchWorld } from './world.ts';

/** A saga's figures beside the ceiling: records a second as a share of the bare committer's. */
export type Shared = SagaFigures & { readonly share: number };

/** What `npm run bench -- --json` prints. */
export interface Figures {
  readonly machine: { readonly cpus: number; readonly node: string; readonly server: string; readonly loadBefore: number; readonly loadAfter: number };
  readonly ceiling: readonly CeilingFigures[];
  /** Twelve raw appends, beside W1 with one at a time. */
  readonly raw: readonly RawFigures[];
  readonly w1: readonly Shared[];
  readonly w1b: readonly Shared[];
  readonly w2: readonly TimerFigures[];
  readonly w3: readonly CrashFigures[];
  readonly w4: readonly ParkedFigures[];
  readonly runs: readonly RunsFigures[];
  readonly promises: readonly PromiseFigures[];
  readonly load: readonly LoadFigures[];
  readonly replay: readonly ReplayFigures[];
  readonly growth: readonly GrowthFigures[];
  readonly soak: readonly SoakFigures[];
  readonly console: readonly ConsoleFigures[];
}

const parts = ['ceiling', 'w1', 'w1b', 'w2', 'w3', 'w4', 'runs', 'promises', 'load', 'replay', 'growth', 'soak', 'console'] as const;
type Part = (typeof parts)[number];

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string', default: parts.join() }, scale: { type: 'string', default: '1' }, workers: { type: 'string', default: String(cpus().length) } } });
const chosen = new Set(values.only.split(','));
const unknown = [...chosen].filter((name) => !(parts as readonly string[]).includes(name));
const scale = Number(values.scale);
const workers = Number(values.workers);
if (unknown.length > 0 || !(scale > 0) || !Number.isInteger(workers) || workers < 1) {
  process.stderr.write(`bench: --only takes some of ${parts.join()}; --scale a number above 0; --workers how many processes share W1\n`);
  process.exit(2);
}

/** Each part has a broker of its own: none runs on another's leavings. */
async function part<T>(name: Part, run: (world: BenchWorld) => Promise<T>): Promise<T | undefined> {
  if (!chosen.has(name)) return undefined;
  process.stderr.write(`bench: ${name}\n`);
  const world = await openWorld();
  try {
    return await run(world);
  } finally {
    await world.close();
  }
}

const some = (count: number): number => Math.max(1, Math.round(count * scale));

async function main(): Promise<Figures> {
  const [loadBefore = 0] = loadavg();
  let server = '';
  const ceiling = await part('ceiling', async (world) => {
    server = world.broker.nc.info?.version ?? '';
    return [await runCeiling(world, 1, some(1_000)), await runCeiling(world, 16, some(8_000)), await runCeiling(world, 64, some(30_000)), await runCeiling(world, 256, some(60_000))];
  }) ?? [];
  const most = Math.max(...ceiling.map(({ perSecond }) => perSecond));
  const beside = (figures: readonly SagaFigures[] = []): Shared[] => figures.map((one) => ({ ...one, share: (one.perSecond * one.records) / most }));
  const raw: RawFigures[] = [];
  const w1 = beside(await part('w1', async (world) => {
    raw.push(await runRaw(world, 12, some(100)));
    return runSagas(world, { definition: eleven, records: 12, workers, loads: [[1, some(200)], [16, some(2_000)], [64, some(4_000)], [256, some(8_000)]] });
  }));
  const w1b = beside(await part('w1b', (world) => runSagas(world, { definition: turning, records: 19, workers, loads: [[16, some(1_000)], [256, some(3_000)]] })));
  const w2 = await part('w2', async (world) => [await runTimers(world, some(5_000))]) ?? [];
  const w3 = [...await part('w3', async (world) => [await runCrash(world, 'worker', some(500))]) ?? [], ...await part('w3', async (world) => [await runCrash(world, 'server', some(500))]) ?? []];
  const w4 = await part('w4', async (world) => [await runParked(world, some(10_000))]) ?? [];
  const runs = await part('runs', async (world) => [await runRuns(world, 1_000, 60 * scale)]) ?? [];
  const promises = await part('promises', async (world) => [await runPromises(world, some(5_000), 1), await runPromises(world, some(10_000), 24)]) ?? [];
  const load = await part('load', async (world) => [await runLoad(world, 20, some(100)), await runLoad(world, 1_000, some(20))]) ?? [];
  const replay = chosen.has('replay') ? runReplay() : [];
  const growth = await part('growth', (world) => runGrowth(world, [some(1_000), some(100_000)], { atOnce: 64, sagas: some(4_000), workers })) ?? [];
  const soak = await part('soak', async (world) => [await runSoak(world, some(60))]) ?? [];
  const page = await part('console', async (world) => [await runConsole(world, some(10_000), some(120_000), some(10_000), some(20))]) ?? [];
  const [loadAfter = 0] = loadavg();
  return { machine: { cpus: cpus().length, node: process.versions.node, server, loadBefore, loadAfter }, ceiling, raw, w1, w1b, w2, w3, w4, runs, promises, load, replay, growth, soak, console: page };
}

const figures = await main();
process.stdout.write(`${values.json ? JSON.stringify(figures, null, 2) : tableOf(figures)}\n`);
