import { readFile, readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackBlob } from '../../src/adapters/sources/unpack-blob.ts';
import { sourceTree } from '../../src/adapters/sources/tree.ts';
import { dockerOf, openEngine } from '../support/docker.ts';
import { testImage } from '../support/docker-image.ts';
import { baseContainerOf, folderOf, inImage, openDockerShop, outputActor, type DockerShop } from '../support/docker-shop.ts';
import { eventually, request, run, untilEnded } from '../support/runner/shop.ts';

const engine = await openEngine();
afterAll(() => engine?.close());

describe.skipIf(engine === undefined)('the docker runner at a real engine', () => {
  let shop: DockerShop;
  beforeEach(async () => { shop = await openDockerShop(dockerOf(engine)); });
  afterEach(async () => { await shop.close(); });

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
      const seen = await dockerOf(engine).getContainer(baseContainerOf(asked)).inspect();
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
      expect(await shop.printed('last words')).toBe(true);
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
      await shop.untilPrinted(worker, id, 'begun');
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
});
