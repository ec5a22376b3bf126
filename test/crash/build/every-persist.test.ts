import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TerminalError } from '../../../src/kernel/errors.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { timesRan } from '../../support/build/checks.ts';
import { makeFuse, type Fuse } from '../../support/build/fuse.ts';
import type { Changes } from '../../support/build/fused.ts';
import { failuresOf } from '../../support/build/pool.ts';
import { collectReplays } from '../../support/build/replays.ts';
import { shortly } from '../../support/build/shortly.ts';
import { writeProject } from '../../support/build/source.ts';
import { openYard, tidied, type Yard } from '../../support/build/yard.ts';
import { processesWith } from '../../support/runner/shop.ts';
import { startNats, type TestNats } from '../../support/nats.ts';
import { seeded } from '../../support/random.ts';

/**
 * `npm test` dies at every append and every activity once, before it or after it by the seed.
 * MILLRACE_EVERY_PERSIST=both dies on both sides of each, which takes twice as long; `all` also around every single
 * change to the world, every message out and every acknowledgement.
 */
const extent = process.env.MILLRACE_EVERY_PERSIST;
const all = extent === 'all';
const both = all || extent === 'both';
const seed = Number(process.env.MILLRACE_SEED ?? 20_261_128);
const width = Number(process.env.MILLRACE_WIDTH ?? 8);

let nats: TestNats;
let folder: string;
const replays = collectReplays();

beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'millrace-persist-'));
});
afterAll(async () => {
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Play {
  readonly runner: 'noop' | 'process';
  /** Is there an active version already? */
  readonly onTop?: boolean;
  readonly seconds?: number;
  readonly changes?: Changes;
  /** Somebody cancels it as soon as its command runs. */
  readonly cancelled?: boolean;
}

const completes: Play = { runner: 'noop' };
const fails: Play = {
  runner: 'noop', onTop: true,
  changes: {
    'set-active-version': (code) => async (scope) => {
      await code(scope);
      throw new TerminalError('made_to_fail', 'it failed after it had switched');
    },
  },
};
const runs: Play = { runner: 'process', seconds: 0.1 };
const isCancelled: Play = { runner: 'process', seconds: 20, onTop: true, cancelled: true };

type End = Readonly<Record<'status' | 'output' | 'records' | 'runs' | 'before' | 'world' | 'tidy', unknown>>;

/** One build whose worker dies where the fuse says; then another worker comes. */
async function play(source: string, { runner, onTop = false, changes = {}, cancelled = false }: Play, fuse: Fuse, dies: boolean): Promise<End> {
  const yard = await openYard(nats);
  try {
    if (onTop) await buildBefore(yard, source);
    const before = await yard.world('shop');
    await yard.worker({ fuse, changes });
    const actor = await yard.build('b1', source, { app: 'shop', runner });
    const cancelling = cancelled ? cancelWhenItRuns(yard, actor) : Promise.resolve();
    if (dies) {
      await Promise.race([fuse.blown, yard.ended(actor).then(() => yard.tidy())]);
      if (!fuse.isBlown()) throw new Error('the point was not reached');
      await yard.worker({ changes });
    }
    await cancelling;
    const { status, output, records } = await yard.ended(actor);
    const tidy = await yard.tidy();
    expect(tidy).toEqual(tidied);
    if (runner === 'process') expect(await processesWith(yard.dataDir)).toEqual([]);
    const logs = await yard.logs();
    for (const [name, log] of logs) replays.add(name, log);
    // How often a process is asked how it goes is a matter of its speed.
    const ofRuns = runner === 'process' ? [] : [...logs].filter(([name]) => name.startsWith('run/')).map(([, log]) => log.map(shortly));
    return yard.comparable({ status, output, records: records.map(shortly), runs: ofRuns, before, world: await yard.world('shop'), tidy });
  } finally {
    await yard.close();
  }
}

async function buildBefore(yard: Yard, source: string): Promise<void> {
  const worker = await yard.worker();
  expect((await yard.ended(await yard.build('b0', source, { app: 'shop', runner: 'noop' }))).status).toBe('completed');
  await worker.stop();
}

async function cancelWhenItRuns(yard: Yard, build: ActorName): Promise<void> {
  await yard.until('run/build--b1--build-artifact--4-0', ({ records }) => records.some((record) => shortly(record) === 'activity.completed trigger'));
  await yard.send(build, 'cancel');
}

const isPersist = (point: string): boolean => all || / (append|activity) (build|run) /.test(point);
/** What the runner has to do with; not what depends on how often it is asked. */
const isOfRun = (point: string): boolean => isPersist(point) && / (run|process|cancel|child\.\S+ build-artifact)\b/.test(point) && !/\(\d+\)|nextCheck|status/.test(point);

/** Of the two sides of each call, both or the one the seed says. */
function sidesOf(points: readonly string[]): readonly string[] {
  if (both) return points;
  const random = seeded(seed);
  const side = new Map<string, string>();
  for (const point of points) {
    const call = point.slice(point.indexOf(' '));
    if (!side.has(call)) side.set(call, random.next() < 0.5 ? 'before' : 'after');
  }
  return points.filter((point) => point.startsWith(side.get(point.slice(point.indexOf(' '))) ?? ''));
}

interface Campaign {
  /** All there are, whether or not it died at each. */
  readonly points: readonly string[];
  /** How all of them ended. */
  readonly end: End;
  /** How many builds there were, and how often a command ran in all of them. */
  readonly played: number;
  readonly ran: number;
}

async function dieEverywhere(name: string, what: Play, isPoint = isPersist): Promise<Campaign> {
  const ran = join(folder, `${name}.ran`);
  const source = await writeProject(join(folder, name), { ran, seconds: what.seconds ?? 0 });
  const notes = makeFuse();
  const end = await play(source, what, notes, false);
  const points = notes.passed.filter(isPoint);
  const struck = sidesOf(points);
  const failures = await failuresOf(struck, width, async (point) => {
    const disturbed = await play(source, what, makeFuse(point), true);
    const different = (Object.keys(end) as (keyof End)[]).filter((part) => !isDeepStrictEqual(disturbed[part], end[part]));
    if (different.length > 0) throw new Error(`differs in ${different.map((part) => `${part}: ${JSON.stringify(disturbed[part])}`).join('; ')}`);
  });
  process.stderr.write(`${name}: died at ${struck.length - failures.length} of ${struck.length} points, of ${points.length} there are, seed ${seed}\n`);
  expect(failures).toEqual([]);
  return { points, end, played: struck.length + 1, ran: await timesRan(ran) };
}

test('given a build that completes, when its worker dies before or after every append and every activity, then it ends as if nothing had happened', async () => {
  const { points, end } = await dieEverywhere('completes', completes);
  expect(end.status).toBe('completed');
  expect(points.length).toBeGreaterThanOrEqual(50);
}, 600_000);

test('given a build that fails when it is activated, when its worker dies before or after every append, activity and undo, then the world is as it was before', async () => {
  const { points, end } = await dieEverywhere('fails', fails);
  expect(end.status).toBe('failed');
  expect(end.world).toEqual(end.before);
  expect(points.filter((point) => point.includes(' activity build undo-'))).toHaveLength(12);
}, 600_000);

test('given a build at the process runner, when its worker dies around everything of its run, then its command runs once', async () => {
  const { points, end, played, ran } = await dieEverywhere('runs', runs, isOfRun);
  expect(end.status).toBe('completed');
  expect(ran).toBe(played);
  expect(points.length).toBeGreaterThanOrEqual(8);
}, 600_000);

test('given a build that is cancelled while its command runs, when its worker dies around everything of its run, then the command is ended and the world is as it was before', async () => {
  const { points, end, ran } = await dieEverywhere('is-cancelled', isCancelled, isOfRun);
  expect(end.status).toBe('cancelled');
  expect(ran).toBe(0);
  expect(end.world).toEqual(end.before);
  expect(points.length).toBeGreaterThanOrEqual(12);
}, 600_000);

test('given every log of these tests, when each is folded from the start, from every snapshot and in another process, then it is the same state byte for byte', async () => {
  expect(replays.logs.length).toBeGreaterThan(both ? 300 : 150);
  await replays.elsewhere(folder);
}, 60_000);
