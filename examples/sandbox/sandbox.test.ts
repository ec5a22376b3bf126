import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../test/support/broker.ts';
import { startWorker, type WorkerProcess } from '../../test/support/build/worker.ts';
import { compiled } from '../../test/support/compiled.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { connect, type ActorName, type Definition, type Millrace } from '../../src/index.ts';
import { patchJson, places, readJson, type SandboxRecord } from './grounds.ts';
import { endProcesses, processesOf } from './processes.ts';
import { sandboxDefinition } from './sandbox.ts';

let nats: TestNats;
let millrace: Millrace;
let worker: WorkerProcess;
let definition: Definition;
let dir: string;
// Part of the definition: this process and the workers must say the same.
const patienceMs = 2_500;
const started: string[] = [];

const begin = async (): Promise<WorkerProcess> => startWorker(nats.url, dir, { SANDBOX_DIR: dir, SANDBOX_PATIENCE_MS: String(patienceMs), MILLRACE_MACHINES: await compiled('examples/sandbox/machines.js') });

beforeAll(async () => {
  nats = await startNats();
  dir = await mkdtemp(join(tmpdir(), 'millrace-sandbox-'));
  definition = sandboxDefinition(dir, { patienceMs });
  worker = await begin();
  millrace = await connect({ servers: nats.url });
});

afterAll(async () => {
  await worker.stop();
  await Promise.all(started.map((key) => endProcesses(key)));
  await millrace.close();
  await nats.stop();
  await rm(dir, { recursive: true, force: true });
});

const ended = (actor: ActorName) => millrace.until(definition, actor, ({ status }) => ['completed', 'failed', 'cancelled'].includes(status), AbortSignal.timeout(30_000));

async function create(id: string, containers: readonly string[]): Promise<ActorName> {
  const actor: ActorName = `sandbox/${id}`;
  started.push(`${actor}/boot-task`, ...containers.map((name) => `${actor}/boot-containers/${name}`));
  expect(await millrace.send(actor, 'create', { sandbox: id, containers, service: 'web' })).toMatchObject({ accepted: true });
  return actor;
}

/** Everything there is of one sandbox. */
async function world(id: string): Promise<unknown> {
  const at = places(dir);
  const folders = await readdir(join(dir, 'sandboxes')).catch((): string[] => []);
  const leases = await readdir(at.leases).catch((): string[] => []);
  const owners = await Promise.all(leases.map((port) => readFile(join(at.leases, port), 'utf8')));
  return {
    ports: owners.filter((owner) => owner.startsWith(`sandbox/${id}/`)).length,
    folder: folders.includes(id),
    record: await readJson(at.record(id), undefined),
    metrics: await readJson(at.metrics(id), undefined),
    service: (await readJson<Record<string, string>>(at.service('web'), {}))[id],
    task: (await processesOf(`sandbox/${id}/boot-task`)).length,
  };
}

const nothing = { ports: 0, folder: false, record: undefined, metrics: undefined, service: undefined, task: 0 };

test('given a sandbox of two containers, when it is created, then both answer on ports of their own and it is among the services', async () => {
  const actor = await create('s1', ['web', 'db']);
  const { status, context } = await ended(actor);
  expect(status).toBe('completed');
  const { address, ports } = (context as { data: { address: string; ports: readonly number[] } }).data;
  expect(await Promise.all(ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/`)).text()))).toEqual(['web', 'db']);
  expect(await world('s1')).toEqual({ ports: 2, folder: true, record: { address, status: 'RUNNING' }, metrics: { watches: expect.any(Array) as unknown }, service: address, task: 1 });
});

test('given a container that ends at once, when the sandbox fails after half of its containers were started, then nothing of it stays, not even those', async () => {
  const actor = await create('s2', ['web', 'broken']);
  const { status, context } = await ended(actor);
  expect(status).toBe('failed');
  expect(context).toMatchObject({ error: { code: 'container_ended' }, undone: expect.arrayContaining(['boot-containers', 'alloc-network']) as unknown });
  expect(await world('s2')).toEqual(nothing);
  expect(await processesOf(`${actor}/boot-containers/web`)).toEqual([]);
});

test('given a container that never answers, when the sandbox is cancelled while it waits, then processes, folder, ports and entries are gone', async () => {
  const actor = await create('s3', ['web', 'silent']);
  await eventually(async () => (await processesOf(`${actor}/boot-containers/silent`)).length > 0, 20_000);
  expect(await millrace.send(actor, 'cancel', { reason: 'nobody needs it' })).toMatchObject({ accepted: true });
  expect((await ended(actor)).status).toBe('cancelled');
  expect(await world('s3')).toEqual(nothing);
  expect(await processesOf(`${actor}/boot-containers/web`)).toEqual([]);
});

test('given a sandbox whose worker is killed once its containers run, when another worker comes, then it goes on with the very same processes', async () => {
  const actor = await create('s4', ['web', 'silent']);
  await eventually(async () => (await processesOf(`${actor}/boot-containers/silent`)).length > 0, 20_000);
  const before = {
    task: (await processesOf(`${actor}/boot-task`))[0],
    containers: (await Promise.all(['web', 'silent'].map((name) => processesOf(`${actor}/boot-containers/${name}`)))).flat(),
  };
  await worker.kill();
  worker = await begin();
  expect((await ended(actor)).status).toBe('failed');
  const booted = (await millrace.log.read(actor)).records.filter(({ type, data }) => type === 'activity.completed' && ['boot-task', 'boot-containers'].includes(data.activity as string));
  expect(booted.map(({ data }) => data.output)).toEqual([{ task: before.task }, { pids: before.containers }]);
  expect(await world('s4')).toEqual(nothing);
});

test('given a sandbox that somebody has declared dead, when the saga would set it running, then their word stands and it is no service', async () => {
  await patchJson<SandboxRecord>(places(dir).record('s5'), { status: 'DEAD' });
  const { status, context } = await ended(await create('s5', ['web']));
  expect(status).toBe('completed');
  expect(context).toMatchObject({ data: { status: 'DEAD' } });
  expect(await world('s5')).toMatchObject({ record: { status: 'DEAD' }, service: undefined });
});
