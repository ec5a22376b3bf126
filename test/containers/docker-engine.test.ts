import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildIdOf } from '../../src/adapters/runners/process/folder.ts';
import { startEngine } from '../support/docker.ts';
import { containerOf, folderOf, inImage, openDockerShop, type DockerShop } from '../support/docker-shop.ts';
import { eventually, untilEnded } from '../support/runner/shop.ts';

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

/** The same engine, for a worker that dies before it says start. */
function withoutStart(docker: Docker): Docker {
  const wrapped = new Docker({ socketPath: restoring?.socket });
  const get = docker.getContainer.bind(docker);
  wrapped.getContainer = (id) => Object.assign(get(id), { start: () => new Promise(() => undefined) });
  return wrapped;
}
