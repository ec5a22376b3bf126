import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../support/docker.ts';
import { testImage } from '../support/docker-image.ts';
import { baseContainerOf, containerOf, folderOf, inImage, openDockerShop, outputActor, type DockerShop } from '../support/docker-shop.ts';
import { eventually, request, run, untilEnded } from '../support/runner/shop.ts';

const engine = await openEngine();
afterAll(() => engine?.close());

describe.skipIf(engine === undefined)('a docker build with a base', () => {
  let shop: DockerShop;
  const docker = (): NonNullable<typeof engine>['docker'] => {
    if (engine === undefined) throw new Error('there is no engine');
    return engine.docker;
  };
  beforeEach(async () => { shop = await openDockerShop(docker()); });
  afterEach(async () => { await shop.close(); });

  const passed = 'the base is good, the head comes next';
  const there = (name: string): Promise<string | undefined> => docker().getContainer(name).inspect().then(({ State }) => State.Status, () => undefined);

  it('given a good base and a good head, when it is built, then the base alone comes first, in order, and the artifact is that of both', async () => {
    const base = [await shop.source({ 'a.txt': 'base', 'b.txt': 'base' }), await shop.source({ 'b.txt': 'later base' })];
    const head = [await shop.source({ 'a.txt': 'head' })];
    const sample = await run(shop.worker(), inImage('cat a.txt; echo; cat b.txt; echo; cat a.txt > out', { artifact: 'out' }, { base, head }));
    expect(sample).toMatchObject({ status: 'succeeded', metadata: { exitCode: '0' } });
    expect(sample.metadata.failedSide).toBeUndefined();
    expect(sample.metadata.artifact).toMatch(/^[0-9a-f]{64}$/);
    expect(await shop.texts()).toEqual(['base', 'later base', passed, 'head', 'later base']);
    expect(await shop.left()).toEqual([]);
  });

  it('given a base that fails, when it is built, then the base is blamed and the head is never run', async () => {
    const asked = inImage('cat mark; exit $(cat code)', {}, { base: [await shop.source({ mark: 'base\n', code: '3' })], head: [await shop.source({ mark: 'head\n', code: '0' })] });
    expect(await run(shop.worker(), asked)).toMatchObject({ status: 'failed', metadata: { failedSide: 'base', reason: 'exit_code', exitCode: '3' } });
    expect(await shop.texts()).toEqual(['base']);
    expect(await shop.left()).toEqual([]);
  });

  it('given a good base and a head that fails, when it is built, then the head is blamed', async () => {
    const asked = inImage('exit $(cat code)', {}, { base: [await shop.source({ code: '0' })], head: [await shop.source({ code: '4' })] });
    expect(await run(shop.worker(), asked)).toMatchObject({ status: 'failed', metadata: { failedSide: 'head', reason: 'exit_code', exitCode: '4' } });
  });

  it('given a base and no head, when it is built, then it is built once, and the base is blamed', async () => {
    expect(await run(shop.worker(), inImage('echo ran; exit 3', {}, { base: [await shop.source({ a: 'a' })] }))).toMatchObject({ status: 'failed', metadata: { failedSide: 'base', exitCode: '3' } });
    expect(await shop.texts()).toEqual(['ran']);
  });

  it('given a base that takes too long, when its time is over, then the base is blamed; and the head has the whole time for itself', async () => {
    const timed = async (base: string, head: string) =>
      run(shop.worker({ sweepEveryMs: 100 }), inImage('sleep $(cat time)', { timeoutMs: '3000' }, { base: [await shop.source({ time: base })], head: [await shop.source({ time: head })] }));
    const [slow, both] = await Promise.all([timed('60', '0'), timed('1.8', '1.8')]);
    expect(slow).toMatchObject({ status: 'failed', metadata: { failedSide: 'base', reason: 'timeout' } });
    expect(both.status).toBe('succeeded');
  });

  it('given Dockerfiles, when that of the base cannot be built, then the base is blamed; when that of the head cannot, the head', async () => {
    const dockerfile = (code: number): string => `FROM ${testImage}\nRUN exit ${code}\n`;
    const built = async (base: number, head: number) =>
      run(shop.worker(), request('', { outputActor }, { base: [await shop.source({ Dockerfile: dockerfile(base) })], head: [await shop.source({ Dockerfile: dockerfile(head) })] }));
    expect(await built(1, 0)).toMatchObject({ status: 'failed', metadata: { failedSide: 'base', reason: 'image_build_failed' } });
    expect(await built(0, 1)).toMatchObject({ status: 'failed', metadata: { failedSide: 'head', reason: 'image_build_failed' } });
    expect(await shop.left()).toEqual([]);
  });

  it('given the engine removes the base behind our back, when it is asked about, then no side is blamed and the head is not run', async () => {
    const asked = inImage('sleep 60', {}, { base: [await shop.source({ a: 'a' })], head: [await shop.source({ a: 'b' })] });
    const worker = shop.worker();
    const id = await worker.trigger(asked);
    await eventually(async () => { await worker.status(id); return (await there(baseContainerOf(asked))) === 'running'; });
    await docker().getContainer(baseContainerOf(asked)).remove({ force: true });
    const sample = await untilEnded(worker, id);
    expect(sample).toMatchObject({ status: 'failed', metadata: { infrastructure: 'true', reason: 'lost' } });
    expect(sample.metadata.failedSide).toBeUndefined();
    expect(await there(containerOf(asked))).toBeUndefined();
  });

  it('given a build at its base, when it is stopped, started and cancelled, then that holds for the base, and no head comes', async () => {
    const asked = inImage('sleep 60', {}, { base: [await shop.source({ a: 'a' })], head: [await shop.source({ a: 'b' })] });
    const worker = shop.worker();
    const id = await worker.trigger(asked);
    await eventually(async () => (await worker.progress(id)).state === 'running');
    await worker.stop(id);
    expect([await there(baseContainerOf(asked)), await worker.progress(id)]).toEqual(['paused', { generation: 1, state: 'stopped' }]);
    expect(await worker.start(id)).toBe(2);
    await worker.stop(id);
    await worker.cancel(id);
    expect(await untilEnded(worker, id)).toMatchObject({ status: 'cancelled' });
    expect(await there(containerOf(asked))).toBeUndefined();
    expect(await shop.left()).toEqual([]);
  });

  it('given a worker that dies with its folder, at the base and at the head, when another one is asked, then each side is run once', async () => {
    const asked = inImage('cat mark; sleep 0.6', {}, { base: [await shop.source({ mark: 'base\n' })], head: [await shop.source({ mark: 'head\n' })] });
    for (const side of [baseContainerOf(asked), containerOf(asked)]) {
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => { await worker.status(id); return (await there(side)) === 'running'; });
      worker.close();
      await rm(`${shop.dataDir}/docker`, { recursive: true });
    }
    const last = shop.worker();
    const id = await last.trigger(asked);
    expect(await untilEnded(last, id)).toMatchObject({ status: 'succeeded' });
    expect(await shop.texts()).toEqual(['base', passed, 'head']);
    expect(existsSync(folderOf(shop, asked))).toBe(true);
  });
});
