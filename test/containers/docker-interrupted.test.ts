import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dockerOf, openEngine } from '../support/docker.ts';
import { containerOf, folderOf, inImage, openDockerShop, type DockerShop } from '../support/docker-shop.ts';
import { eventually, pause, request, run, untilEnded } from '../support/runner/shop.ts';

const engine = await openEngine();
afterAll(() => engine?.close());

describe.skipIf(engine === undefined)('the docker runner at a real engine', () => {
  let shop: DockerShop;
  beforeEach(async () => { shop = await openDockerShop(dockerOf(engine)); });
  afterEach(async () => { await shop.close(); });

  describe('limits', () => {
    it('given a build that needs more memory than it may have, when it is killed for that, then that is what is said', async () => {
      const eat = 'dd if=/dev/zero of=/dev/null bs=200M count=1';
      const sample = await run(shop.worker({ limits: { memoryBytes: 64 * 1024 * 1024 } }), inImage(eat, { memoryBytes: '999999999999' }));
      expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'out_of_memory', failedSide: 'head', detail: expect.stringContaining('67108864') as string } });
    });

    it('given a build that writes more to its disk than it may, when that is measured, then it is ended and blamed for that, also when it ends first', async () => {
      const most = 4 * 1024 * 1024;
      const worker = shop.worker({ measureEveryMs: 50, sweepEveryMs: 100, limits: { diskBytes: most } });
      const write = 'dd if=/dev/zero of=big bs=1M count=12 2>/dev/null';
      const [endless, quick, modest] = await Promise.all([
        run(worker, inImage(`${write}; sleep 60`, { diskBytes: '999999999999' })), run(worker, inImage(write)),
        run(worker, inImage('dd if=/dev/zero of=big bs=1M count=2 2>/dev/null')),
      ]);
      for (const sample of [endless, quick]) expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'disk_full', failedSide: 'head', detail: expect.stringContaining(String(most)) as string } });
      expect(modest).toMatchObject({ status: 'succeeded' });
      expect(await shop.left()).toEqual([]);
    });

    it('given a limit of processors, when a build wants all there are, then the machine holds it back', async () => {
      const asked = inImage('while :; do :; done', { cpus: '0.1' });
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.progress(id)).state === 'running');
      await eventually(async () => (await dockerOf(engine).getContainer(containerOf(asked)).stats({ stream: false, 'one-shot': true })).cpu_stats.throttling_data.throttled_periods > 2);
      await worker.cancel(id);
      expect((await untilEnded(worker, id)).status).toBe('cancelled');
    });

    it('given limits of the worker and of the request, when the container is made, then the smaller ones hold, and the network is off', async () => {
      const asked = inImage('sleep 30', { cpus: '0.5', pids: '20', memoryBytes: '33554432', network: 'none' });
      const worker = shop.worker({ limits: { cpus: 1, pids: 10 } });
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.progress(id)).state === 'running');
      const { HostConfig } = await dockerOf(engine).getContainer(containerOf(asked)).inspect();
      expect(HostConfig).toMatchObject({ NanoCpus: 5e8, PidsLimit: 10, Memory: 33554432, MemorySwap: 33554432, NetworkMode: 'none' });
      await worker.cancel(id);
      await untilEnded(worker, id);
    });

    it('given a build that multiplies, when it has as many processes as it may, then it gets no more and the machine lives', async () => {
      const sample = await run(shop.worker(), inImage('for i in $(seq 40); do sleep 5 & done; echo all; wait', { pids: '12' }));
      expect(sample.status).toBe('failed');
      expect(await shop.printed('all')).toBe(false);
    });

    it('given a build that takes too long, when its time is over, then it is ended though it ignores that, also when nobody asks', async () => {
      const asked = inImage(`trap '' TERM; while :; do sleep 0.1; done`, { timeoutMs: '700' });
      const worker = shop.worker({ sweepEveryMs: 100 });
      await worker.trigger(asked);
      await eventually(() => existsSync(`${folderOf(shop, asked)}/result.json`));
      expect(await untilEnded(worker, await worker.trigger(asked))).toMatchObject({ status: 'failed', metadata: { reason: 'timeout', failedSide: 'head' } });
      expect(await shop.left()).toEqual([]);
    });

    it('given time in which a build is stopped, when its limit is looked at, then that time does not count', async () => {
      const asked = inImage('sleep 60', { timeoutMs: '2500' });
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.progress(id)).state === 'running');
      await worker.stop(id);
      await pause(2600);
      expect((await worker.status(id)).status).toBe('running');
      expect(await worker.start(id)).toBe(2);
      expect((await worker.status(id)).status).toBe('running');
      await pause(100);
      expect(existsSync(`${folderOf(shop, asked)}/cancel`)).toBe(false);
      expect(await untilEnded(worker, id)).toMatchObject({ status: 'failed', metadata: { reason: 'timeout', generation: '2' } });
      expect(await worker.progress(id)).toEqual({ generation: 2, state: 'ended' });
    });

    it('given output without an end, when the limit is reached, then it is cut, that is said once, and the build still ends as it does', async () => {
      const sample = await run(shop.worker({ maxOutputBytes: 2000 }), inImage('seq 5000; exit 3'));
      expect(sample).toMatchObject({ status: 'failed', metadata: { exitCode: '3' } });
      const texts = await shop.texts();
      expect(texts.at(-1)).toBe('output cut after 2000 bytes');
      expect(texts.length).toBeLessThan(600);
    });

    it('given a build that prints for ever and ignores its end, when its time is over, then it is gone, and the engine was told to keep little of what it printed', async () => {
      const asked = inImage(`trap '' TERM; while :; do yes some output; done`, { timeoutMs: '1500' });
      const worker = shop.worker({ maxOutputBytes: 3000 });
      const id = await worker.trigger(asked);
      await shop.untilPrinted(worker, id, 'output cut after 3000 bytes');
      expect((await dockerOf(engine).getContainer(containerOf(asked)).inspect()).HostConfig.LogConfig?.Config).toEqual({ 'max-size': '65536', 'max-file': '2' });
      expect(await untilEnded(worker, id)).toMatchObject({ status: 'failed', metadata: { reason: 'timeout' } });
      const texts = await shop.texts();
      expect(texts.filter((text) => text.startsWith('output cut'))).toHaveLength(1);
      expect(await shop.left()).toEqual([]);
    });

    it('given metadata that makes no sense, when it is triggered, then it is refused before anything is made', async () => {
      const senseless: Record<string, string>[] = [{ cpus: 'many' }, { pids: '1.5' }, { memoryBytes: '-1' }, { diskBytes: '1e3x' }, { timeoutMs: '' }, { network: 'host' }, { workdir: 'work' }, { 'env.A-B': 'x' }, { image: ' ' }];
      for (const metadata of senseless) {
        await expect(shop.worker().trigger(inImage('true', metadata))).rejects.toMatchObject({ code: 'bad_metadata', retryable: false });
      }
      await expect(shop.worker().trigger(request('true'))).rejects.toMatchObject({ code: 'nothing_to_run' });
      await expect(shop.worker().trigger(inImage('true', {}, { head: [{ uri: 'git:1' }] }))).rejects.toMatchObject({ code: 'unknown_change' });
      expect(existsSync(`${shop.dataDir}/docker`)).toBe(false);
    });
  });

  describe('stopping and cancelling', () => {
    it('given a build that obeys, when it is cancelled, then it may clean up first', async () => {
      const worker = shop.worker({ graceMs: 20_000 });
      const id = await worker.trigger(inImage(`trap 'echo cleaned; exit 0' TERM; echo up; while :; do sleep 0.05; done`));
      await shop.untilPrinted(worker, id, 'up');
      await worker.cancel(id);
      expect(await untilEnded(worker, id)).toMatchObject({ status: 'cancelled' });
      expect(await shop.printed('cleaned')).toBe(true);
    });

    it('given a build that is stopped, when time passes, then it stands still until it is started', async () => {
      const worker = shop.worker();
      const id = await worker.trigger(inImage('i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.05; done'));
      await shop.untilPrinted(worker, id, 'tick 3');
      await worker.stop(id);
      await pause(200);
      const frozen = (await shop.texts()).length;
      await pause(300);
      expect((await shop.texts()).length).toBe(frozen);
      await worker.start(id);
      await eventually(async () => (await shop.texts()).length > frozen + 3);
      await worker.cancel(id);
      await untilEnded(worker, id);
    });

    it('given a cancel that comes with the trigger, when it is asked about, then it ends cancelled and is gone', async () => {
      const worker = shop.worker();
      const id = await worker.trigger(inImage('echo ran; sleep 60', {}, { head: [await shop.source({ a: 'a' })] }));
      await worker.cancel(id);
      expect((await untilEnded(worker, id)).status).toBe('cancelled');
      await pause(300);
      expect(await shop.left()).toEqual([]);
    });
  });

  describe('what others do', () => {
    it('given a container that is removed behind our back, when it is asked about, then the build is lost and nobody is blamed', async () => {
      const asked = inImage('sleep 60');
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.status(id)).status === 'running');
      await dockerOf(engine).getContainer(containerOf(asked)).remove({ force: true });
      const sample = await untilEnded(worker, id);
      expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'lost', infrastructure: 'true' } });
      expect(sample.metadata.failedSide).toBeUndefined();
    });

    it('given a container that is killed behind our back, when it is asked about, then nobody is blamed', async () => {
      const asked = inImage('sleep 60');
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.status(id)).status === 'running');
      await dockerOf(engine).getContainer(containerOf(asked)).kill();
      expect(await untilEnded(worker, id)).toMatchObject({ status: 'failed', metadata: { reason: 'killed', infrastructure: 'true' } });
    });

    it('given the same key with another request, when it is triggered, here or by a worker of another data folder, then the first build is left alone', async () => {
      const asked = inImage('sleep 60');
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.status(id)).status === 'running');
      const changed = { ...asked, metadata: { ...asked.metadata, command: 'true' } };
      await expect(worker.trigger(changed)).rejects.toMatchObject({ code: 'key_reused' });
      const stranger = shop.worker({ dataDir: `${shop.dir}/elsewhere` });
      await stranger.trigger(changed);
      await expect(untilEnded(stranger, id)).rejects.toMatchObject({ code: 'key_reused' });
      await expect(stranger.cancel(id)).rejects.toMatchObject({ code: 'key_reused' });
      expect((await worker.status(id)).status).toBe('running');
      await worker.cancel(id);
      await untilEnded(worker, id);
    });
  });
});
