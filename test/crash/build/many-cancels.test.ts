import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stopLocalRuns } from '../../../src/adapters/runners/process/stop-local.ts';
import { triggerBuild } from '../../../src/cli/stage-and-trigger.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { eventually } from '../../support/broker.ts';
import { appWorld, audit, openCommands, workFolders, type AppWorld } from '../../support/build/checks.ts';
import { shortly } from '../../support/build/shortly.ts';
import { writeProject } from '../../support/build/source.ts';
import { startWorker, type WorkerProcess } from '../../support/build/worker.ts';
import { definitionOf } from '../../support/build/yard.ts';
import { processesWith } from '../../support/runner/shop.ts';
import { startNats, type TestNats } from '../../support/nats.ts';
import { seeded } from '../../support/random.ts';

/** MILLRACE_CANCELS and MILLRACE_SEED make a campaign of it: 500 take some minutes. */
const cancels = Number(process.env.MILLRACE_CANCELS ?? 16);
const seed = Number(process.env.MILLRACE_SEED ?? 20_261_128);
/** So many builds go on at once, each of an app of its own, which sees one build after the other. */
const lanes = 8;

let nats: TestNats;
let folder: string;
let dataDir: string;
let millrace: Millrace;
let crew: WorkerProcess[];

beforeEach(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'millrace-cancels-'));
  dataDir = join(folder, 'data');
  millrace = await connect({ servers: nats.url, ackWaitMs: 600, priorityTimeoutMs: 400 });
  crew = await Promise.all([0, 1].map(() => startWorker(nats.url, dataDir)));
});

afterEach(async () => {
  await Promise.all(crew.map((worker) => worker.stop()));
  await stopLocalRuns(dataDir);
  await millrace.close();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

const definition = definitionOf('build/any');
const ends = ['completed', 'failed', 'cancelled', 'blocked'];

/** What a build leaves, without the folders of others at work. */
async function worldOf(app: string): Promise<Omit<AppWorld, 'work'>> {
  const { work: _, ...world } = await appWorld(millrace, dataDir, app);
  return world;
}

let said = 0;
const say = (to: ActorName, command: string): Promise<void> =>
  millrace.queue.send({ to, command, body: { reason: 'a change of mind' }, id: `${to}-${command}-${++said}`, reply: 'nobody.listens' });

interface Told {
  readonly actor: ActorName;
  readonly status: string;
  /** How many records its log had when cancel was said. */
  readonly at: number;
  readonly undone: readonly string[];
}

/** One build, cancelled when its log has come to a random record and a little later; stopped before that, now and then. */
async function cancelled(app: string, source: string, random: ReturnType<typeof seeded>): Promise<Told> {
  const before = await worldOf(app);
  const runner = random.next() < 0.3 ? 'process' : 'noop';
  const { actor } = await triggerBuild(millrace, source, { app, runner });
  const record = 1 + Math.floor(random.between(0, 12));
  const seen = await millrace.until(definition, actor, ({ seq, status }) => seq >= record || ends.includes(status), AbortSignal.timeout(60_000));
  await pause(random.between(0, record === 4 && runner === 'process' ? 300 : 10));
  if (random.next() < 0.2) await say(actor, 'stop');
  await say(actor, 'cancel');
  if (random.next() < 0.2) await say(actor, 'cancel');
  const { status } = await millrace.until(definition, actor, (view) => ends.includes(view.status), AbortSignal.timeout(60_000));
  await expectWholeOrNothing(app, status, before);
  const { records } = await millrace.log.read(actor);
  const undone = records.map(shortly).filter((text) => text.startsWith('activity.completed undo-')).map((text) => text.slice('activity.completed undo-'.length));
  expect(new Set(undone).size).toBe(undone.length);
  return { actor, status, at: seen.seq, undone };
}

async function expectWholeOrNothing(app: string, status: string, before: Omit<AppWorld, 'work'>): Promise<void> {
  const after = await worldOf(app);
  if (status !== 'completed') {
    expect({ app, status, world: after }).toEqual({ app, status: 'cancelled', world: before });
    return;
  }
  expect(after.active).not.toEqual(before.active);
  expect(after.current).toBe(`releases/${String(after.active)}`);
  expect(new Set(after.releases)).toEqual(new Set([...before.releases, after.active]));
  expect(Object.keys(after.entities)).toEqual(expect.arrayContaining([...Object.keys(before.entities), `version ${app}-${String(after.active)}`]));
}

test(`given ${cancels} builds that are cancelled at random moments, when their workers are killed all the while, then the world is for each what it was before, or the build is complete`, async () => {
  const random = seeded(seed);
  let going = true;
  let kills = 0;
  const killing = (async () => {
    while (going) {
      await pause(random.between(150, 700));
      const index = Math.floor(random.next() * crew.length);
      await crew[index]?.kill();
      crew[index] = await startWorker(nats.url, dataDir);
      kills++;
    }
  })();
  const told: Told[] = [];
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    const app = `app${lane}`;
    const source = await writeProject(join(folder, app), { ran: join(folder, `${app}.ran`), seconds: 0.2 });
    const its = seeded(seed + 1 + lane);
    for (let n = lane; n < cancels; n += lanes) told.push(await cancelled(app, source, its));
  }));
  going = false;
  await killing;
  expect(told).toHaveLength(cancels);
  expect(await audit(millrace)).toMatchObject({ ok: true, broken: [], unreadable: [] });
  expect(await millrace.dead.list()).toEqual([]);
  await eventually(async () => (await openCommands(millrace)).length === 0, 15_000);
  await eventually(async () => (await workFolders(dataDir)).length === 0, 15_000);
  await eventually(async () => (await processesWith(dataDir)).every((pid) => crew.some((worker) => worker.pid === pid)), 15_000);
  report(told, kills);
  expect(told.some(({ undone }) => undone.length > 0)).toBe(true);
}, 60_000 + cancels * 4_000);

/** What was undone, as counts; in a campaign also build by build. */
function report(told: readonly Told[], kills: number): void {
  const count = (words: readonly string[]): string => [...new Set(words)].map((word) => `${word} ${words.filter((one) => one === word).length}`).join(', ');
  console.log(`many cancels: ${told.length} builds (${count(told.map(({ status }) => status))}), ${kills} workers killed, seed ${seed}; undone: ${count(told.flatMap(({ undone }) => undone))}`);
  if (process.env.MILLRACE_CANCELS !== undefined) for (const { actor, status, at, undone } of told) console.log(`${actor} cancelled at record ${at}: ${status}; undone: ${undone.join(', ') || 'nothing'}`);
}
