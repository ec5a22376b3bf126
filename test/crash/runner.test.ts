import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildIdOf } from '../../src/adapters/runners/process/folder.ts';
import type { TriggerRequest } from '../../src/machines/run/runner.ts';
import { compiled } from '../support/compiled.ts';
import { eventually, openShop, processesWith, request, untilEnded, type Shop } from '../support/runner/shop.ts';

let runnerModule: string;
beforeAll(async () => { runnerModule = await compiled('src/adapters/runners/process/runner.js'); });

let shop: Shop;
let workers: ChildProcess[] = [];
beforeEach(async () => { shop = await openShop(); });
afterEach(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  workers = [];
  await shop.close();
});

/** A worker of its own process, from the compiled package: triggers, then carries output until it is killed. */
function startWorker(asked: TriggerRequest, { hangInBlobs = false } = {}): ChildProcess {
  const program = `
    import { appendFileSync, createReadStream, readFileSync, writeFileSync } from 'node:fs';
    const { processRunner } = await import(${JSON.stringify(runnerModule)});
    const dir = ${JSON.stringify(shop.dir)};
    const stored = () => readFileSync(dir + '/output.jsonl', 'utf8').split('\\n').filter(Boolean).map((line) => JSON.parse(line));
    const output = {
      async write(actor, line, id) { appendFileSync(dir + '/output.jsonl', JSON.stringify({ id, actor, line }) + '\\n'); },
      async last(actor) { return stored().findLast((line) => line.actor === actor)?.id; },
    };
    const blobs = { async get(digest) {
      if (${String(hangInBlobs)}) { writeFileSync(dir + '/hanging', ''); await new Promise((resolve) => setTimeout(resolve, 1e9)); }
      return createReadStream(dir + '/blobs/' + digest);
    } };
    const runner = processRunner({ dataDir: dir + '/data', blobs, output, graceMs: 400, tailEveryMs: 20 });
    console.log(await runner.trigger(${JSON.stringify(asked)}));
    setInterval(() => {}, 1e6);
  `;
  const worker = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, WORKER_SECRET: 'hunter2' } });
  workers.push(worker);
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  const gone = once(worker, 'exit');
  worker.kill('SIGKILL');
  await gone;
}

const texts = async (): Promise<string[]> => (await shop.lines()).map(({ line }) => line.text);
const ran = async (): Promise<number> => (await readFile(join(shop.dir, 'ran'), 'utf8')).split('\n').filter(Boolean).length;

describe('a worker that is killed', () => {
  it('given it dies in the middle of a build, when another one asks, then the build went on, and its output is whole and there once', async () => {
    const asked = request(`echo x >> ${join(shop.dir, 'ran')}; env; for i in $(seq 40); do echo line $i; sleep 0.02; done; mkdir out; echo made > out/app`, { outputActor: 'run/r1', artifact: 'out' });
    const worker = startWorker(asked);
    await eventually(async () => (await texts()).includes('line 5'));
    await kill(worker);
    const between = (await texts()).length;
    const runner = shop.runner();
    const id = buildIdOf(asked.idempotencyKey);
    expect(await runner.trigger(asked)).toBe(id);
    const sample = await untilEnded(runner, id);
    expect(sample).toMatchObject({ status: 'succeeded', metadata: { exitCode: '0' } });
    expect(sample.metadata.artifact).toMatch(/^[0-9a-f]{64}$/);
    const lines = await texts();
    expect(lines.filter((line) => line.startsWith('line'))).toEqual(Array.from({ length: 40 }, (_, index) => `line ${index + 1}`));
    expect(new Set((await shop.lines()).map((line) => line.id)).size).toBe(lines.length);
    expect(shop.writes()).toBe(lines.length - between);
    expect(lines.join('\n')).not.toContain('hunter2');
    expect(await ran()).toBe(1);
  });

  it('given it dies before the start was complete, when the trigger is repeated, then the build runs exactly once', async () => {
    const asked = request(`cat a; echo x >> ${join(shop.dir, 'ran')}`, {}, { head: [await shop.source({ a: 'a' })] });
    const worker = startWorker(asked, { hangInBlobs: true });
    await eventually(() => existsSync(join(shop.dir, 'hanging')));
    await kill(worker);
    const id = buildIdOf(asked.idempotencyKey);
    const [one, other] = [shop.runner(), shop.runner()];
    expect((await one.status(id)).status).toBe('accepted');
    expect(await Promise.all([one.trigger(asked), other.trigger(asked), one.trigger(asked)])).toEqual([id, id, id]);
    expect((await untilEnded(one, id)).status).toBe('succeeded');
    expect(await ran()).toBe(1);
  });

  it('given it dies and nobody follows, when the build takes too long, then its time limit still holds', async () => {
    const asked = request('sleep 300', { timeoutMs: '2000' });
    const worker = startWorker(asked);
    await once(worker.stdout ?? worker, 'data');
    const id = buildIdOf(asked.idempotencyKey);
    expect((await processesWith(id)).length).toBeGreaterThan(0);
    await kill(worker);
    await eventually(async () => (await processesWith(id)).length === 0);
    expect(await shop.runner().status(id)).toMatchObject({ status: 'failed', metadata: { reason: 'timeout' } });
  });

  it('given the end came while nobody was there, when another worker asks, then it finds all of it', async () => {
    const asked = request('echo before; sleep 0.3; echo after; exit 4', { outputActor: 'run/r1' });
    const worker = startWorker(asked);
    await once(worker.stdout ?? worker, 'data');
    await kill(worker);
    const id = buildIdOf(asked.idempotencyKey);
    await eventually(() => existsSync(join(shop.dataDir, 'runs', id, 'exit.json')));
    expect(await shop.runner().status(id)).toMatchObject({ status: 'failed', metadata: { exitCode: '4' } });
    expect(await texts()).toEqual(['before', 'after']);
  });

  it('given it dies while the base is built, when nobody follows, then the head is built on it all the same', async () => {
    const sides = { base: [await shop.source({ which: 'base' })], head: [await shop.source({ which: 'head' })] };
    const asked = request(`cat which; echo x >> ${join(shop.dir, 'ran')}; while [ ! -e ${join(shop.dir, 'go')} ]; do sleep 0.02; done`, {}, sides);
    const worker = startWorker(asked);
    await once(worker.stdout ?? worker, 'data');
    await kill(worker);
    await writeFile(join(shop.dir, 'go'), '');
    const id = buildIdOf(asked.idempotencyKey);
    await eventually(() => existsSync(join(shop.dataDir, 'runs', id, 'exit.json')));
    expect(await shop.runner().status(id)).toMatchObject({ status: 'succeeded', metadata: { baseVerdict: 'passed' } });
    expect(await ran()).toBe(2);
  });

  it('given a supervisor that dies while the base is built, when the build is asked about, then neither side is to blame', async () => {
    const sides = { base: [await shop.source({ which: 'base' })], head: [await shop.source({ which: 'head' })] };
    const runner = shop.runner();
    const id = await runner.trigger(request('sleep 300', {}, sides));
    const { pid } = JSON.parse(await readFile(join(shop.dataDir, 'runs', id, 'started.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    const { status, metadata } = await untilEnded(runner, id);
    expect({ status, infrastructure: metadata.infrastructure, failedSide: metadata.failedSide }).toEqual({ status: 'failed', infrastructure: 'true', failedSide: undefined });
    await eventually(async () => (await processesWith(id)).length === 0);
    expect(existsSync(join(shop.dataDir, 'runs', id, 'base'))).toBe(false);
  });

  it('given two data folders with a build of the same name, when the one ends, then nothing of the other is touched', async () => {
    const other = await openShop();
    try {
      const key = { idempotencyKey: 'run/same-name' };
      const long = request('sleep 1; mkdir out; echo made > out/app', { artifact: 'out' }, key);
      const id = await shop.runner().trigger(long);
      await eventually(async () => (await processesWith(shop.dataDir)).length > 1);
      expect((await untilEnded(other.runner(), await other.runner().trigger(request('true', {}, key)))).status).toBe('succeeded');
      expect(await untilEnded(shop.runner(), id)).toMatchObject({ status: 'succeeded', metadata: { exitCode: '0' } });
    } finally {
      await other.close();
    }
  });
});
