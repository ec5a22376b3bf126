import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackBlob } from '../../src/adapters/sources/unpack-blob.ts';
import { sourceTree } from '../../src/adapters/sources/tree.ts';
import { openEngine } from '../support/docker.ts';
import { testImage } from '../support/docker-image.ts';
import { baseContainerOf, containerOf, folderOf, inImage, openDockerShop, outputActor, type DockerShop } from '../support/docker-shop.ts';
import { eventually, pause, request, run, untilEnded } from '../support/runner/shop.ts';

const engine = await openEngine();
afterAll(() => engine?.close());

describe.skipIf(engine === undefined)('the docker runner at a real engine', () => {
  let shop: DockerShop;
  const docker = (): NonNullable<typeof engine>['docker'] => {
    if (engine === undefined) throw new Error('there is no engine');
    return engine.docker;
  };
  beforeEach(async () => { shop = await openDockerShop(docker()); });
  afterEach(async () => { await shop.close(); });

  const printed = async (text: string): Promise<boolean> => (await shop.texts()).includes(text);

  describe('a build', () => {
    it('given a source, when it is built, then the changes lie one over the other, the output is published, and nothing is left behind', async () => {
      const head = [await shop.source({ 'a.txt': 'first', 'b.txt': 'b' }), await shop.source({ 'a.txt': 'second' })];
      const asked = inImage('cat a.txt; echo; cat b.txt; echo; echo to stderr >&2; echo -n no newline; exec sleep 0.1', {}, { head });
      const sample = await run(shop.worker(), asked);
      expect(sample).toMatchObject({ status: 'succeeded', metadata: { exitCode: '0' } });
      expect(Number(sample.metadata.durationMs)).toBeGreaterThan(50);
      expect((await shop.lines()).map(({ line }) => `${line.source} ${line.text}`).toSorted()).toEqual(['stderr to stderr', 'stdout b', 'stdout no newline', 'stdout second']);
      expect(await shop.left()).toEqual([]);
      expect((await readdir(folderOf(shop, asked))).toSorted()).toEqual(['result.json', 'started.json']);
    });

    it('given an environment, when it is built, then it sees what was given and nothing of the worker', async () => {
      process.env.DOCKER_WORKER_SECRET = 'hunter2';
      expect((await run(shop.worker(), inImage('env; id', { 'env.LEVEL': 'a b=c' }))).status).toBe('succeeded');
      const texts = await shop.texts();
      expect(texts).toContain('LEVEL=a b=c');
      expect(texts.join('\n')).not.toContain('hunter2');
    });

    it('given secrets for the job, when it prints them, then the command has them, and no label, no file and no line has, whichever worker carries it', async () => {
      const source = [await shop.source({ a: 'a' })];
      const asked = inImage('[ "${TOKEN%3cr3t-value}" = s ] && echo "for $MILLRACE_BUILD $LEVEL $TOKEN"; sleep 0.6', { 'env.LEVEL': '9', 'env.MILLRACE_BUILD': 'run/forged', 'env.TOKEN': 'forged' }, { base: source, head: source });
      const jobEnvironment = (actor: string): Promise<Record<string, string>> => Promise.resolve({ TOKEN: 's3cr3t-value', ACTOR: actor });
      const first = shop.worker({ jobEnvironment });
      const id = await first.trigger(asked);
      await eventually(async () => (await first.progress(id)).state === 'running');
      const seen = await docker().getContainer(baseContainerOf(asked)).inspect();
      expect(seen.Config.Env).toContain(`ACTOR=${asked.idempotencyKey}`);
      expect(JSON.stringify([seen.Config.Labels, await first.status(id)])).not.toContain('s3cr3t');
      first.close();
      const second = shop.worker({ jobEnvironment });
      await eventually(async () => (await second.status(id)).status === 'running' && (await shop.texts()).length === 3);
      const files = await readdir(folderOf(shop, asked), { recursive: true, withFileTypes: true });
      const contents = await Promise.all(files.filter((file) => file.isFile()).map((file) => readFile(`${file.parentPath}/${file.name}`, 'utf8').catch(() => '')));
      expect(contents.join('\n')).toContain(asked.idempotencyKey);
      expect(contents.join('\n')).not.toContain('s3cr3t');
      expect(await untilEnded(second, id)).toMatchObject({ status: 'succeeded' });
      const line = `for ${asked.idempotencyKey} 9 ***`;
      expect(await shop.texts()).toEqual([line, 'the base is good, the head comes next', line]);
    });

    it('given secrets that cannot be had, when it is built, then that is retryable, nothing of the reason is repeated, and later it is built', async () => {
      let away = true;
      const worker = shop.worker({ jobEnvironment: () => (away ? Promise.reject(new Error('vault s3cr3t')) : Promise.resolve({})) });
      const id = await worker.trigger(inImage('true'));
      const error: unknown = await untilEnded(worker, id).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'job_environment_failed', retryable: true });
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cr3t');
      away = false;
      expect((await untilEnded(worker, id)).status).toBe('succeeded');
    });

    it('given an artifact, when two builds make the same, then it is collected and has the same digest', async () => {
      const make = 'mkdir -p out/sub; echo made > out/app; chmod 755 out/app; echo deep > out/sub/file';
      const [one, other] = [await run(shop.worker(), inImage(make, { artifact: 'out' })), await run(shop.worker(), inImage(`${make}; sleep 1`, { artifact: '/work/out/' }))];
      expect(one).toMatchObject({ status: 'succeeded', metadata: { artifactPath: 'out' } });
      expect(other.metadata.artifact).toBe(one.metadata.artifact);
      await unpackBlob(shop.blobs, one.metadata.artifact ?? '', `${shop.dir}/got`);
      expect(await sourceTree.list(`${shop.dir}/got`)).toEqual(['app', 'sub/']);
      expect(await sourceTree.read(`${shop.dir}/got`, 'sub/file', 100)).toBe('deep\n');
    });

    it('given a single file, or none, as the artifact, when it is collected, then it is an archive with that file, or a failure of the head', async () => {
      const one = await run(shop.worker(), inImage('echo made > app', { artifact: 'app' }));
      await unpackBlob(shop.blobs, one.metadata.artifact ?? '', `${shop.dir}/got`);
      expect(await sourceTree.list(`${shop.dir}/got`)).toEqual(['app']);
      expect(await run(shop.worker(), inImage('true', { artifact: 'nowhere' }))).toMatchObject({ status: 'failed', metadata: { reason: 'artifact_missing', failedSide: 'head' } });
    });

    it('given a build that goes wrong, when it ends, then it says the exit code and blames the head', async () => {
      expect(await run(shop.worker(), inImage('exit 4'))).toMatchObject({ status: 'failed', metadata: { exitCode: '4', reason: 'exit_code', failedSide: 'head' } });
    });

    it('given an image nobody has, or one that cannot be started, when it is triggered, then that is said', async () => {
      const nowhere = await run(shop.worker(), inImage('true', { image: '127.0.0.1:1/nobody/nothing:1' })).catch((error: unknown) => error);
      // Without a registry that answers it is not known whether the image exists: that is retryable.
      expect(nowhere).toMatchObject({ retryable: true });
      expect(await run(shop.worker(), inImage('true', { user: 'nobody-here' }))).toMatchObject({ status: 'failed', metadata: { reason: 'not_spawned', infrastructure: 'true' } });
    });
  });

  describe('a Dockerfile', () => {
    const dockerfile = `FROM ${testImage}\nWORKDIR /app\nCOPY . .\nRUN cat greeting > built\n`;

    it('given one in the source, when there is a command, then the image is built, the command runs where it says, and the image is gone afterwards', async () => {
      const head = [await shop.source({ Dockerfile: dockerfile, greeting: 'hello' })];
      const sample = await run(shop.worker(), request('echo "$PWD: $(cat built)"', { outputActor, artifact: 'built' }, { head }));
      expect(sample).toMatchObject({ status: 'succeeded' });
      expect(sample.metadata.artifact).toMatch(/^[0-9a-f]{64}$/);
      expect(await shop.texts()).toEqual(expect.arrayContaining(['/app: hello', expect.stringContaining('RUN cat greeting') as string]));
      expect(await shop.left()).toEqual([]);
    });

    it('given one without a command, when it can be built, then that is the build, and its artifact comes from the image', async () => {
      const head = [await shop.source({ 'other.Dockerfile': dockerfile, greeting: 'hello' })];
      const sample = await run(shop.worker(), request('', { dockerfile: 'other.Dockerfile', artifact: '/app/built' }, { head }));
      expect(sample).toMatchObject({ status: 'succeeded' });
      await unpackBlob(shop.blobs, sample.metadata.artifact ?? '', `${shop.dir}/got`);
      expect(await sourceTree.read(`${shop.dir}/got`, 'built', 100)).toBe('hello');
    });

    it('given one that fails, or none at all, when it is built, then the head is to blame, unless the worker has an image for it', async () => {
      const broken = [await shop.source({ Dockerfile: `FROM ${testImage}\nRUN echo last words && exit 7\n` })];
      expect(await run(shop.worker(), request('true', { outputActor }, { head: broken }))).toMatchObject({ status: 'failed', metadata: { reason: 'image_build_failed', failedSide: 'head', detail: expect.stringContaining('7') as string } });
      expect(await printed('last words')).toBe(true);
      const none = [await shop.source({ 'a.txt': 'a' })];
      expect(await run(shop.worker(), request('true', {}, { head: none }))).toMatchObject({ status: 'failed', metadata: { reason: 'no_image' } });
      expect(await run(shop.worker({ image: testImage }), request('cat a.txt', {}, { head: none }))).toMatchObject({ status: 'succeeded' });
      expect(await run(shop.worker({ images: { node: testImage } }), request('cat Dockerfile', { stack: 'node' }, { head: broken }))).toMatchObject({ status: 'succeeded' });
      expect(await run(shop.worker({ image: testImage }), request('true', {}, { head: broken }))).toMatchObject({ metadata: { reason: 'image_build_failed' } });
      expect(await shop.left()).toEqual([]);
    });

    it('given an image that is being built, when it is cancelled, then it ends cancelled and no container was ever made', async () => {
      const head = [await shop.source({ Dockerfile: `FROM ${testImage}\nRUN echo begun && sleep 60\n` })];
      const worker = shop.worker();
      const id = await worker.trigger(request('true', { outputActor }, { head }));
      await untilPrinted(worker, id, 'begun');
      await worker.cancel(id);
      expect((await untilEnded(worker, id)).status).toBe('cancelled');
      expect(await shop.left()).toEqual([]);
    });

    it('given an image that takes too long, when its time is over, then it is failed', async () => {
      const head = [await shop.source({ Dockerfile: `FROM ${testImage}\nRUN sleep 60\n` })];
      expect(await run(shop.worker(), request('true', { timeoutMs: '800' }, { head }))).toMatchObject({ status: 'failed', metadata: { reason: 'timeout', failedSide: 'head' } });
      expect(await shop.left()).toEqual([]);
    });
  });

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
      await eventually(async () => (await docker().getContainer(containerOf(asked)).stats({ stream: false, 'one-shot': true })).cpu_stats.throttling_data.throttled_periods > 2);
      await worker.cancel(id);
      expect((await untilEnded(worker, id)).status).toBe('cancelled');
    });

    it('given limits of the worker and of the request, when the container is made, then the smaller ones hold, and the network is off', async () => {
      const asked = inImage('sleep 30', { cpus: '0.5', pids: '20', memoryBytes: '33554432', network: 'none' });
      const worker = shop.worker({ limits: { cpus: 1, pids: 10 } });
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.progress(id)).state === 'running');
      const { HostConfig } = await docker().getContainer(containerOf(asked)).inspect();
      expect(HostConfig).toMatchObject({ NanoCpus: 5e8, PidsLimit: 10, Memory: 33554432, MemorySwap: 33554432, NetworkMode: 'none' });
      await worker.cancel(id);
      await untilEnded(worker, id);
    });

    it('given a build that multiplies, when it has as many processes as it may, then it gets no more and the machine lives', async () => {
      const sample = await run(shop.worker(), inImage('for i in $(seq 40); do sleep 5 & done; echo all; wait', { pids: '12' }));
      expect(sample.status).toBe('failed');
      expect(await printed('all')).toBe(false);
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
      await untilPrinted(worker, id, 'output cut after 3000 bytes');
      expect((await docker().getContainer(containerOf(asked)).inspect()).HostConfig.LogConfig?.Config).toEqual({ 'max-size': '65536', 'max-file': '2' });
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
      await untilPrinted(worker, id, 'up');
      await worker.cancel(id);
      expect(await untilEnded(worker, id)).toMatchObject({ status: 'cancelled' });
      expect(await printed('cleaned')).toBe(true);
    });

    it('given a build that is stopped, when time passes, then it stands still until it is started', async () => {
      const worker = shop.worker();
      const id = await worker.trigger(inImage('i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.05; done'));
      await untilPrinted(worker, id, 'tick 3');
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
      await docker().getContainer(containerOf(asked)).remove({ force: true });
      const sample = await untilEnded(worker, id);
      expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'lost', infrastructure: 'true' } });
      expect(sample.metadata.failedSide).toBeUndefined();
    });

    it('given a container that is killed behind our back, when it is asked about, then nobody is blamed', async () => {
      const asked = inImage('sleep 60');
      const worker = shop.worker();
      const id = await worker.trigger(asked);
      await eventually(async () => (await worker.status(id)).status === 'running');
      await docker().getContainer(containerOf(asked)).kill();
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

  /** Somebody has to look, so that the output is followed. */
  async function untilPrinted(worker: ReturnType<DockerShop['worker']>, id: Parameters<typeof worker.status>[0], text: string): Promise<void> {
    await eventually(async () => { await worker.status(id); return printed(text); });
  }
});
