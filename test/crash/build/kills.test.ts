import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stopLocalRuns } from '../../../src/adapters/runners/process/stop-local.ts';
import { triggerBuild } from '../../../src/cli/stage-and-trigger.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { appWorld, audit, openCommands, timesRan, workFolders } from '../../support/build/checks.ts';
import { writeProject } from '../../support/build/source.ts';
import { startWorker, type WorkerProcess } from '../../support/build/worker.ts';
import { definitionOf } from '../../support/build/yard.ts';
import { eventually, processesWith } from '../../support/runner/shop.ts';
import { startNats, type TestNats } from '../../support/nats.ts';
import { seeded } from '../../support/random.ts';

/** MILLRACE_KILLS, MILLRACE_SERVER_KILLS and MILLRACE_SEED make a campaign of it. */
const kills = Number(process.env.MILLRACE_KILLS ?? 8);
const serverKills = Number(process.env.MILLRACE_SERVER_KILLS ?? 4);
const seed = Number(process.env.MILLRACE_SEED ?? 20_261_120);

let nats: TestNats;
let folder: string;
let dataDir: string;
let millrace: Millrace;
let worker: WorkerProcess;

beforeEach(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'millrace-kills-'));
  dataDir = join(folder, 'data');
  millrace = await connect({ servers: nats.url, ackWaitMs: 600, priorityTimeoutMs: 400 });
  worker = await startWorker(nats.url, dataDir);
});

afterEach(async () => {
  await worker.stop();
  await stopLocalRuns(dataDir);
  await millrace.close();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

const definition = definitionOf('build/any');

async function ended(actor: ActorName): Promise<string> {
  const view = await millrace.until(definition, actor, ({ status }) => ['completed', 'failed', 'cancelled', 'blocked'].includes(status), AbortSignal.timeout(60_000));
  return view.status;
}

interface Build {
  readonly app: string;
  readonly actor: ActorName;
  readonly ran: string;
}

/** One build whose app has the build's own name, so that its world is its own. */
async function build(index: number): Promise<Build> {
  const app = `app${index}`;
  const ran = join(folder, `${app}.ran`);
  const source = await writeProject(join(folder, app), { ran });
  const { actor, answer } = await triggerBuild(millrace, source, { app });
  expect(answer).toMatchObject({ accepted: true });
  return { app, actor, ran };
}

/** A complete build's records. */
const whole = 11;

/**
 * Builds, one after the other, and kills until `times` of the kills met a running one. The moment is when its
 * log has come to some record, and then a little later: by time alone a kill would hardly ever meet
 * another step than the command's.
 */
async function killWhileBuilding(times: number, random: ReturnType<typeof seeded>, kill: () => Promise<void>): Promise<Build[]> {
  const builds: Build[] = [];
  const met: number[] = [];
  const length = async ({ actor }: Build): Promise<number> => (await millrace.history(actor)).length;
  let one = await build(0);
  builds.push(one);
  while (met.length < times) {
    let now = await length(one);
    if (now >= whole) {
      one = await build(builds.length);
      builds.push(one);
      now = 1;
    }
    const record = Math.floor(random.between(now, whole));
    await millrace.until(definition, one.actor, ({ seq }) => seq >= record, AbortSignal.timeout(60_000));
    await pause(random.between(0, record === 4 ? 700 : 12));
    now = await length(one);
    await kill();
    if (now < whole) met.push(now);
  }
  process.stderr.write(`killed ${builds.length} builds when their logs had this many records: ${met.join(' ')}\n`);
  // Which records the kills meet depends on the machine as well; that they do not all meet the same one does not.
  expect(new Set(met).size).toBeGreaterThan(1);
  return builds;
}

async function expectDoneOnce({ app, actor, ran }: Build): Promise<void> {
  expect({ actor, status: await ended(actor) }).toEqual({ actor, status: 'completed' });
  expect({ app, times: await timesRan(ran) }).toEqual({ app, times: 1 });
  const { entities, work: _, ...world } = await appWorld(millrace, dataDir, app);
  expect(Object.keys(entities)).toEqual([`app ${app}`, `config ${app}-v1-cfg`, `version ${app}-v1`]);
  expect(world).toEqual({
    active: 'v1', releases: ['v1'], current: 'releases/v1',
    buckets: [`KV_millrace_addon_${app}_cache`, `OBJ_millrace_addon_${app}_files`],
  });
}

async function expectAllDoneOnce(builds: readonly Build[]): Promise<void> {
  for (const one of builds) await expectDoneOnce(one);
  expect(await audit(millrace)).toMatchObject({ ok: true, broken: [], unreadable: [] });
  expect(await millrace.dead.list()).toEqual([]);
  expect(await workFolders(dataDir)).toEqual([]);
  await eventually(async () => (await openCommands(millrace)).length === 0);
  await eventually(async () => (await processesWith(dataDir)).every((pid) => pid === worker.pid));
}

test(`given builds that run, when the worker is killed ${kills} times at seeded moments, then each completes and each effect is in the world once`, async () => {
  const builds = await killWhileBuilding(kills, seeded(seed), async () => {
    await worker.kill();
    worker = await startWorker(nats.url, dataDir);
  });
  await expectAllDoneOnce(builds);
}, 300_000);

test(`given builds that run, when nats-server is killed ${serverKills} times at seeded moments, then each completes once and no accepted command is missing`, async () => {
  const builds = await killWhileBuilding(serverKills, seeded(seed + 1), () => nats.restart());
  await expectAllDoneOnce(builds);
}, 300_000);
