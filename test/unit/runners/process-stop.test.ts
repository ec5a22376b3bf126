import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildIdOf } from '../../../src/adapters/runners/process/folder.ts';
import { stopLocalRuns } from '../../../src/adapters/runners/process/stop-local.ts';
import type { Blobs } from '../../../src/machines/build/ports.ts';
import { eventually, openShop, processesWith, request, run, untilEnded, type Shop } from '../../support/runner/shop.ts';

let shop: Shop;
beforeEach(async () => { shop = await openShop(); });
afterEach(async () => { await shop.close(); });

const printed = async (text: string): Promise<boolean> => (await shop.lines()).some(({ line }) => line.text === text);
const outputActor = 'build/b1';

describe('cancelling a process', () => {
  it('given a build that obeys, when it is cancelled, then it may clean up, and ends cancelled before its grace is over', async () => {
    const runner = shop.runner({ graceMs: 20_000 });
    const id = await runner.trigger(request('trap "echo cleaned; exit 0" TERM; echo up; while :; do sleep 0.05; done', { outputActor }));
    await eventually(() => printed('up'));
    await runner.cancel(id);
    expect(await untilEnded(runner, id)).toMatchObject({ status: 'cancelled', metadata: { reason: 'cancelled' } });
    expect(await printed('cleaned')).toBe(true);
  });

  it('given children that multiply, ignore SIGTERM and leave the group, when it is cancelled, then none is left', async () => {
    const stubborn = `trap '' TERM; for i in 1 2 3 4 5; do (trap '' TERM; while :; do sleep 0.2 & sleep 0.1; done) & done; setsid sh -c "trap '' TERM; sleep 300" & (setsid setsid sleep 300 &) ; echo up; wait`;
    const runner = shop.runner();
    const id = await runner.trigger(request(stubborn, { outputActor }));
    await eventually(() => printed('up'));
    expect((await processesWith(id)).length).toBeGreaterThan(5);
    await runner.cancel(id);
    expect((await untilEnded(runner, id)).status).toBe('cancelled');
    expect(await processesWith(`MILLRACE_BUILD_ID=${id}`)).toEqual([]);
  });

  it('given a cancel before the start was complete, when the trigger ends, then the command never ran', async () => {
    const asked = request(`touch ${join(shop.dir, 'ran')}`, {}, { head: [await shop.source({ a: 'a' })] });
    const id = buildIdOf(asked.idempotencyKey);
    const cancelling: Blobs = { ...shop.blobs, get: async (digest) => {
      await runner.cancel(id);
      return shop.blobs.get(digest);
    } };
    const runner = shop.runner({ blobs: cancelling });
    expect(await runner.trigger(asked)).toBe(id);
    expect((await untilEnded(runner, id)).status).toBe('cancelled');
    expect(await runner.trigger(asked)).toBe(id);
    expect((await runner.status(id)).status).toBe('cancelled');
    expect(existsSync(join(shop.dir, 'ran'))).toBe(false);
  });

  it('given a cancel that no supervisor has read yet, when one starts, then it runs nothing', async () => {
    const runner = shop.runner();
    const asked = request(`touch ${join(shop.dir, 'ran')}`);
    const id = buildIdOf(asked.idempotencyKey);
    const started = runner.trigger(asked);
    await eventually(() => existsSync(join(shop.dataDir, 'runs', id, 'supervisor.cjs')));
    await runner.cancel(id);
    await started;
    expect((await untilEnded(runner, id)).status).toBe('cancelled');
  });
});

describe('limits of a process', () => {
  it('given a build that takes too long, when its time is over, then it is stopped, failed, and the head is to blame', async () => {
    const sample = await run(shop.runner(), request(`trap '' TERM; while :; do sleep 0.1; done`, { timeoutMs: '300' }));
    expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'timeout', failedSide: 'head' } });
    expect(sample.metadata.detail).toContain('300 ms');
    expect(Number(sample.metadata.durationMs)).toBeGreaterThanOrEqual(700);
    expect(await processesWith(`MILLRACE_BUILD_ID=${sample.id}`)).toEqual([]);
  });
});

describe('a supervisor that dies', () => {
  it('given a killed supervisor, when the build is asked about, then it is lost, nobody is blamed, and its processes are gone', async () => {
    const runner = shop.runner();
    const id = await runner.trigger(request('echo up; sleep 300', { outputActor }));
    await eventually(() => printed('up'));
    const { pid } = JSON.parse(await readFile(join(shop.dataDir, 'runs', id, 'started.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    const sample = await untilEnded(runner, id);
    expect(sample).toMatchObject({ status: 'failed', metadata: { infrastructure: 'true', reason: 'lost' } });
    expect(sample.metadata.failedSide).toBeUndefined();
    await eventually(async () => (await processesWith(id)).length === 0);
  });

  it('given a pid that another process has now, when the build is asked about, then it is lost and the other one lives', async () => {
    const runner = shop.runner();
    const asked = request('true');
    const id = buildIdOf(asked.idempotencyKey);
    const folder = join(shop.dataDir, 'runs', id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'request.json'), JSON.stringify({ base: [], head: [], metadata: asked.metadata }));
    await writeFile(join(folder, 'started.json'), JSON.stringify({ pid: process.pid, incarnation: 'an older boot/1' }));
    expect(await runner.status(id)).toMatchObject({ status: 'failed', metadata: { reason: 'lost' } });
  });

  it('given its folder is removed while it runs, when it notices, then it ends the build by itself', async () => {
    const runner = shop.runner();
    const id = await runner.trigger(request('sleep 300'));
    runner.close();
    // The supervisor may write a line into it in this very moment.
    await rm(join(shop.dataDir, 'runs', id), { recursive: true, maxRetries: 10, retryDelay: 20 });
    await eventually(async () => (await processesWith(id)).length === 0);
  });
});

describe('stopping everything', () => {
  it('given builds that run, when the data folder is shut down, then none is left and each is told as interrupted', async () => {
    const runner = shop.runner();
    const ids = await Promise.all([runner.trigger(request('sleep 300')), runner.trigger(request(`trap '' TERM; sleep 300`))]);
    await stopLocalRuns(shop.dataDir);
    for (const id of ids) {
      expect(await processesWith(`MILLRACE_BUILD_ID=${id}`)).toEqual([]);
      expect(await runner.status(id)).toMatchObject({ status: 'failed', metadata: { infrastructure: 'true', reason: 'interrupted' } });
    }
  });

  it('given no build and no folder, when it is shut down, then nothing happens', async () => {
    await stopLocalRuns(join(shop.dir, 'nowhere'));
  });
});

describe('an output store that is away', () => {
  it('given it comes back, when the build has ended meanwhile, then the status waits for it and no line is missing or doubled', async () => {
    let away = true;
    const runner = shop.runner({ output: { ...shop.output, write: async (...line) => {
      if (away && (await shop.lines()).length >= 5) throw new Error('away');
      return shop.output.write(...line);
    } } });
    const id = await runner.trigger(request('seq 20', { outputActor }));
    await expect(untilEnded(runner, id)).rejects.toThrow('away');
    away = false;
    expect((await untilEnded(runner, id)).status).toBe('succeeded');
    expect((await shop.lines()).map(({ line }) => line.text)).toEqual(Array.from({ length: 20 }, (_, n) => String(n + 1)));
  });
});

describe('staged sources', () => {
  it('given a store that fails in the middle, when the trigger is repeated, then the build starts once with all of it', async () => {
    const head = [await shop.source({ a: 'a' }), await shop.source({ b: 'b' })];
    let gets = 0;
    const flaky: Blobs = { ...shop.blobs, get: (digest) => {
      if (++gets === 2) return Promise.resolve(Readable.from(failing()));
      return shop.blobs.get(digest);
    } };
    const runner = shop.runner({ blobs: flaky });
    const asked = request(`cat a b; echo x >> ${join(shop.dir, 'ran')}`, {}, { head });
    await expect(runner.trigger(asked)).rejects.toThrow('cut off');
    const id = await runner.trigger(asked);
    expect((await untilEnded(runner, id)).status).toBe('succeeded');
    expect(await readFile(join(shop.dir, 'ran'), 'utf8')).toBe('x\n');
  });
});

// eslint-disable-next-line require-yield -- it fails before it gives anything
async function* failing(): AsyncGenerator<Buffer> {
  await Promise.resolve();
  throw new Error('cut off');
}
