import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stopLocalRuns } from '../../../src/adapters/runners/process/stop-local.ts';
import { triggerBuild } from '../../../src/cli/stage-and-trigger.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { readOnlyMachines } from '../../../src/standard.ts';
import { appWorld, audit, timesRan, workFolders } from '../../support/build/checks.ts';
import { writeProject } from '../../support/build/source.ts';
import { startWorker, type WorkerProcess } from '../../support/build/worker.ts';
import { startNats, type TestNats } from '../../support/nats.ts';
import { seeded } from '../../support/random.ts';

/** MILLRACE_KILLS and MILLRACE_SEED make a campaign of it. */
const kills = Number(process.env.MILLRACE_KILLS ?? 20);
const serverKills = Number(process.env.MILLRACE_SERVER_KILLS ?? 10);
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
  millrace = await connect({ servers: nats.url, ackWaitMs: 1000, priorityTimeoutMs: 1000 });
  worker = await startWorker(nats.url, dataDir);
});

afterEach(async () => {
  await worker.stop();
  await stopLocalRuns(dataDir);
  await millrace.close();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

const definition = readOnlyMachines().find((machine) => machine.stamp.name === 'build');

async function ended(actor: ActorName): Promise<string> {
  if (definition === undefined) throw new Error('no build machine');
  const view = await millrace.until(definition, actor, ({ status }) => ['completed', 'failed', 'cancelled', 'blocked'].includes(status), AbortSignal.timeout(60_000));
  return view.status;
}

/** One build whose app has the build's own name, so that its world is its own. */
async function build(index: number): Promise<{ app: string; actor: ActorName; ran: string }> {
  const app = `app${index}`;
  const ran = join(folder, `${app}.ran`);
  const source = await writeProject(join(folder, app), { ran });
  const { actor, answer } = await triggerBuild(millrace, source, { app });
  expect(answer).toMatchObject({ accepted: true });
  return { app, actor, ran };
}

async function expectDoneOnce({ app, actor, ran }: Awaited<ReturnType<typeof build>>): Promise<void> {
  expect(await ended(actor), actor).toBe('completed');
  expect(await timesRan(ran), `${app} ran`).toBe(1);
  expect(await appWorld(millrace, dataDir, app)).toEqual({
    entities: [`app ${app}`, `config ${app}-v1-cfg`, `version ${app}-v1`],
    active: 'v1', releases: ['v1'], current: 'releases/v1',
    buckets: [`KV_millrace_addon_${app}_cache`, `OBJ_millrace_addon_${app}_files`],
  });
}

test(`given builds that run, when the worker is killed ${kills} times at seeded moments, then each completes and each effect is in the world once`, async () => {
  const random = seeded(seed);
  const builds = [];
  for (let i = 0; i < kills; i++) {
    builds.push(await build(i));
    await new Promise((resolve) => { setTimeout(resolve, random.between(0, 1500)); });
    await worker.kill();
    worker = await startWorker(nats.url, dataDir);
  }
  for (const one of builds) await expectDoneOnce(one);
  expect(await audit(millrace)).toMatchObject({ ok: true, broken: [], unreadable: [] });
  expect(await millrace.dead.list()).toEqual([]);
  expect(await workFolders(dataDir)).toEqual([]);
}, 300_000);

test(`given builds that run, when nats-server is killed ${serverKills} times at seeded moments, then each completes once and no accepted command is missing`, async () => {
  const random = seeded(seed + 1);
  const builds = [];
  for (let i = 0; i < serverKills; i++) {
    builds.push(await build(i));
    await new Promise((resolve) => { setTimeout(resolve, random.between(0, 1500)); });
    await nats.restart();
  }
  for (const one of builds) await expectDoneOnce(one);
  expect(await audit(millrace)).toMatchObject({ ok: true, broken: [], unreadable: [] });
  expect(await millrace.dead.list()).toEqual([]);
  expect(await workFolders(dataDir)).toEqual([]);
}, 300_000);
