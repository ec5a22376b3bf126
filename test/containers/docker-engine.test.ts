import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildIdOf } from '../../src/adapters/runners/process/folder.ts';
import type { TriggerRequest } from '../../src/machines/run/runner.ts';
import { startEngine } from '../support/docker.ts';
import { testImage } from '../support/docker-image.ts';
import { baseContainerOf, containerOf, folderOf, inImage, openDockerShop, outputActor, type DockerShop } from '../support/docker-shop.ts';
import { compiledRunner, startDockerWorker } from '../support/docker-worker.ts';
import { seeded } from '../support/random.ts';
import { eventually, pause, request, untilEnded } from '../support/runner/shop.ts';

/** Containers outlive the one, and end with the other. */
const restoring = await startEngine({ liveRestore: true });
const forgetful = await startEngine({ liveRestore: false });
afterAll(async () => { await Promise.all([restoring?.close(), forgetful?.close()]); });

const running = 'for i in $(seq 60); do echo line $i; sleep 0.05; done; mkdir -p out; echo made > out/app';

describe.skipIf(restoring === undefined)('a worker that dies', () => {
  let shop: DockerShop;
  beforeEach(async () => { shop = await openDockerShop(engine()); });
  afterEach(async () => { await shop.close(); });
  const engine = (): Docker => restoring?.docker ?? new Docker();
  const printed = async (text: string): Promise<boolean> => (await shop.texts()).includes(text);
  const everyLine = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);

  it('given it dies in the middle of a build, when another one asks with the same key, then it is the same build, and its output is whole and there once', async () => {
    const asked = inImage(running, { artifact: 'out' });
    const first = shop.worker();
    const id = await first.trigger(asked);
    await eventually(async () => { await first.status(id); return printed('line 10'); });
    first.close();
    const container = (await engine().getContainer(containerOf(asked)).inspect()).Id;
    const second = shop.worker();
    expect(await second.trigger(asked)).toBe(id);
    expect((await engine().getContainer(containerOf(asked)).inspect()).Id).toBe(container);
    const sample = await untilEnded(second, id);
    expect(sample).toMatchObject({ status: 'succeeded' });
    expect(sample.metadata.artifact).toMatch(/^[0-9a-f]{64}$/);
    expect(await shop.texts()).toEqual(everyLine);
    expect(await shop.left()).toEqual([]);
  });

  it('given worker after worker is killed at any moment of a build with a base, when the last one is asked, then each side was run once, and its output is there once', async () => {
    const module = await compiledRunner();
    const asked = inImage('cat mark; for i in $(seq 6); do echo $(cat side) $i; sleep 0.25; done', {}, { base: [await shop.source({ mark: 'b\n', side: 'base' })], head: [await shop.source({ side: 'head' })] });
    const starts = startsOf(engine(), asked);
    const random = seeded(7);
    let killed = 0;
    for (; killed < 4 && !existsSync(`${folderOf(shop, asked)}/result.json`); killed++) {
      const worker = startDockerWorker(module, restoring?.socket ?? '', shop, asked);
      await worker.triggered;
      await pause(random.between(0, 400));
      await worker.kill();
    }
    const last = shop.worker({ startGraceMs: 300 });
    expect(await untilEnded(last, await last.trigger(asked))).toMatchObject({ status: 'succeeded' });
    expect(killed).toBeGreaterThan(1);
    expect(await starts.read()).toEqual([baseContainerOf(asked), containerOf(asked)]);
    const counted = (side: string): string[] => ['b', ...Array.from({ length: 6 }, (_, index) => `${side} ${index + 1}`)];
    expect(await shop.texts()).toEqual([...counted('base'), 'the base is good, the head comes next', ...counted('head')]);
    expect(await shop.left()).toEqual([]);
  });

  it('given its data folder is lost with it, when another one is asked about the build, then the container itself says what it is', async () => {
    const asked = inImage(running, { artifact: 'out', note: 'ä' });
    const first = shop.worker();
    const id = await first.trigger(asked);
    await eventually(async () => (await first.status(id)).status === 'running');
    first.close();
    await rm(`${shop.dataDir}/docker`, { recursive: true });
    const sample = await untilEnded(shop.worker(), id);
    expect(sample).toMatchObject({ status: 'succeeded', metadata: { note: 'ä', artifactPath: 'out' } });
    expect(await shop.texts()).toEqual(everyLine);
  });

  it('given it dies with the source half copied, when another one is asked, then nothing half made is run', async () => {
    const head = [await shop.source({ 'a.txt': 'whole' })];
    const asked = inImage('cat a.txt', {}, { head });
    const first = shop.worker({ blobs: { ...shop.blobs, get: () => new Promise(() => undefined) } });
    const id = await first.trigger(asked);
    expect((await first.status(id)).status).toBe('accepted');
    first.close();
    // What a dead worker may have left: a container without the build's name.
    const half = await engine().createContainer({ Image: 'millrace-test:shell', Cmd: ['true'], name: `${containerOf(asked)}-dead`, Labels: { 'millrace.build': id } });
    const second = shop.worker();
    expect((await untilEnded(second, id)).status).toBe('succeeded');
    expect(await shop.texts()).toEqual(['whole']);
    await half.remove({ force: true });
  });

  it('given it dies between naming the container and starting it, when another one is asked, then that one starts it, once', async () => {
    const asked = inImage('echo ran');
    const first = shop.worker({ docker: withoutStart(engine()) });
    const id = await first.trigger(asked);
    await eventually(async () => (await engine().getContainer(containerOf(asked)).inspect().catch(() => undefined))?.State.Status === 'created');
    first.close();
    expect((await untilEnded(shop.worker({ startGraceMs: 300 }), id)).status).toBe('succeeded');
    expect(await shop.texts()).toEqual(['ran']);
  });
});

describe.skipIf(restoring === undefined || forgetful === undefined)('an engine that is killed', () => {
  it('given containers that outlive it, when it is away, then that is retryable, and when it is back, the build went on and its output is whole', async () => {
    if (restoring === undefined) return;
    const shop = await openDockerShop(restoring.docker);
    try {
      const asked = inImage(running);
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => { await worker.status(id); return (await shop.texts()).includes('line 5'); });
      await restoring.kill();
      await expect(worker.status(id)).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true });
      await expect(worker.cancel(id)).rejects.toMatchObject({ retryable: true });
      await expect(worker.stop(id)).rejects.toMatchObject({ retryable: true });
      const another = inImage('true');
      await expect(worker.trigger(another)).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true });
      expect(existsSync(folderOf(shop, another))).toBe(false);
      await restoring.restart();
      expect(await worker.trigger(asked)).toBe(id);
      expect((await untilEnded(worker, id)).status).toBe('succeeded');
      const lines = (await shop.texts()).filter((text) => text.startsWith('line'));
      // While the engine is away, nobody writes down what the container prints: lines may be missing, but none comes twice.
      expect(new Set(lines).size).toBe(lines.length);
      expect(lines.at(-1)).toBe('line 60');
    } finally {
      await shop.close();
    }
  });

  it('given a build that ends while the engine is away, when it is back, then it ended as it truly did, in one container that ran once', async () => {
    if (restoring === undefined) return;
    const shop = await openDockerShop(restoring.docker);
    try {
      const asked = inImage('echo begun; sleep 0.8; exit 5');
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => { await worker.status(id); return (await shop.texts()).includes('begun'); });
      await restoring.kill();
      await pause(1200);
      await restoring.restart();
      expect(await worker.trigger(asked)).toBe(id);
      expect(await untilEnded(worker, id)).toMatchObject({ status: 'failed', metadata: { exitCode: '5', failedSide: 'head', reason: 'exit_code' } });
      expect(await shop.texts()).toEqual(['begun']);
      expect(await shop.left()).toEqual([]);
    } finally {
      await shop.close();
    }
  });

  it('given an image that is being built when it is killed, when it is back, then the image is built anew, and there is one container', async () => {
    if (restoring === undefined) return;
    const shop = await openDockerShop(restoring.docker);
    try {
      const asked = request('echo "ran $(cat built)"', { outputActor }, { head: [await shop.source({ Dockerfile: `FROM ${testImage}\nRUN echo step && sleep 1 && echo whole > /built\nWORKDIR /\n` })] });
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => { await worker.status(id); return (await shop.texts()).includes('step'); });
      await restoring.kill();
      await expect(worker.status(id)).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true });
      await restoring.restart();
      // What the build of the image met is said once; then it begins anew.
      await expect(untilEnded(worker, id)).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true });
      expect((await untilEnded(worker, id)).status).toBe('succeeded');
      expect((await shop.texts()).filter((text) => text.startsWith('ran'))).toEqual(['ran whole']);
      expect(await shop.left()).toEqual([]);
    } finally {
      await shop.close();
    }
  });

  it('given containers that end with it, when it is back, then the build has failed, and nobody is blamed', async () => {
    if (forgetful === undefined) return;
    const shop = await openDockerShop(forgetful.docker);
    try {
      const asked = inImage('sleep 60');
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.status(id)).status === 'running');
      await forgetful.kill();
      await expect(worker.status(id)).rejects.toMatchObject({ retryable: true });
      await forgetful.restart();
      const sample = await untilEnded(worker, id);
      expect(sample).toMatchObject({ status: 'failed', metadata: { infrastructure: 'true' } });
      expect(['killed', 'lost']).toContain(sample.metadata.reason);
      expect(await shop.left()).toEqual([]);
    } finally {
      await shop.close();
    }
  });
});

it('given no engine at all, when a build is triggered, then that is retryable, and nothing is remembered of it', async () => {
  const shop = await openDockerShop(new Docker({ socketPath: '/nowhere/docker.sock' }));
  try {
    const asked = inImage('true');
    await expect(shop.worker().trigger(asked)).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true });
    await expect(shop.worker().status(buildIdOf(asked.idempotencyKey))).rejects.toMatchObject({ code: 'engine_unavailable', retryable: true });
    expect(existsSync(folderOf(shop, asked))).toBe(false);
  } finally {
    await shop.close();
  }
});

/** Which containers of the build were started, in order, as the engine itself tells. */
function startsOf(docker: Docker, asked: TriggerRequest): { read(): Promise<string[]> } {
  const since = Math.floor(Date.now() / 1000) - 1;
  return {
    async read() {
      const label = [`millrace.build=${buildIdOf(asked.idempotencyKey)}`];
      const events = await docker.getEvents({ since, until: Math.ceil(Date.now() / 1000), filters: { type: ['container'], event: ['start'], label } });
      const told = await text(events);
      return told.split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { Actor: { Attributes: { name: string } } }).Actor.Attributes.name);
    },
  };
}

/** The same engine, for a worker that dies before it says start. */
function withoutStart(docker: Docker): Docker {
  const wrapped = new Docker({ socketPath: restoring?.socket });
  const get = docker.getContainer.bind(docker);
  wrapped.getContainer = (id) => Object.assign(get(id), { start: () => new Promise(() => undefined) });
  return wrapped;
}
