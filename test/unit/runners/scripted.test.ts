import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderStore, scriptedBuilds } from '../../../src/adapters/runners/scripted/folder.ts';
import { scriptedRunner } from '../../../src/adapters/runners/scripted/runner.ts';
import { memoryStore } from '../../../src/adapters/runners/scripted/store.ts';
import type { PausableRunner } from '../../../src/machines/run/pausable.ts';
import type { BuildId, RunSample } from '../../../src/machines/run/runner.ts';
import { fakeOutput } from '../../support/fake/output.ts';
import { runnerContract, type Course } from '../../contract/runner.contract.ts';

const scripts: Readonly<Record<Course, string>> = { succeed: 'accepted,running,succeeded', fail: 'running,failed', hang: 'running' };

runnerContract('scripted, in memory', ['succeed', 'fail', 'hang'], () => {
  const store = memoryStore();
  return Promise.resolve({
    runner: scriptedRunner({ store }), another: () => scriptedRunner({ store }),
    course: (course) => Promise.resolve({ head: [{ uri: `script:${scripts[course]}` }], metadata: {} }),
    close: () => Promise.resolve(),
  });
}, { pausable: true });

runnerContract('scripted, in a folder', ['succeed', 'fail', 'hang'], async () => {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-scripted-'));
  const runner = () => scriptedRunner({ store: folderStore(dir) });
  return {
    runner: runner(), another: runner,
    course: (course) => Promise.resolve({ head: [], metadata: { script: scripts[course] } }),
    began: async () => (await scriptedBuilds(dir)).length,
    close: () => rm(dir, { recursive: true }),
  };
}, { pausable: true });

/** What each call came to: a status, `done`, a number, or an error's code with `?` when it may be repeated. */
async function told(call: Promise<RunSample | number | void>): Promise<string | number> {
  try {
    const answer = await call;
    return typeof answer === 'object' ? answer.status : (answer ?? 'done');
  } catch (error) {
    const { code, retryable } = error as { code: string; retryable: boolean };
    return retryable ? `${code}?` : code;
  }
}

describe('a script', () => {
  let runner: PausableRunner;
  beforeEach(() => { runner = scriptedRunner({ store: memoryStore() }); });
  const trigger = (script: string): Promise<BuildId> => runner.trigger({ base: [], head: [{ uri: `script:${script}` }], metadata: {}, idempotencyKey: 'run/a' });
  const polls = async (id: BuildId, count: number): Promise<readonly (string | number)[]> => {
    const all: (string | number)[] = [];
    for (let poll = 0; poll < count; poll++) all.push(await told(runner.status(id)));
    return all;
  };

  it('given steps with counts, when it is polled, then each answer comes so often and the last one for ever', async () => {
    const id = await trigger('accepted*2,unknown,running*3,succeeded');
    expect(await polls(id, 9)).toEqual(['accepted', 'accepted', 'unknown', 'running', 'running', 'running', 'succeeded', 'succeeded', 'succeeded']);
  });

  it('given errors among the steps, when it is polled, then they are retryable or terminal as HTTP has it, and the script goes on', async () => {
    const id = await trigger('!502*2,!404,!429,!501,!403,!retry(busy),!terminal(gone),running');
    expect(await polls(id, 9)).toEqual(['http_502?', 'http_502?', 'unknown_build', 'http_429?', 'http_501', 'http_403', 'busy?', 'gone', 'running']);
  });

  it('given a rate limit, when it is polled, then the error says when to come again', async () => {
    await expect(runner.status(await trigger('!retry(2)'))).rejects.toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 2000 });
  });

  it('given a trigger that fails, and one whose answer is lost, when it is repeated, then only the lost one has begun a build', async () => {
    expect(await told(trigger('trigger=!503,ok;running').then(() => 1))).toBe('http_503?');
    const nobody = 'a'.repeat(32) as BuildId;
    expect(await told(runner.status(nobody))).toBe('unknown_build');
    const id = await trigger('trigger=!503,ok;running');
    expect(await polls(id, 1)).toEqual(['running']);
    const lost = scriptedRunner({ store: memoryStore() });
    const asked = { base: [], head: [{ uri: 'script:trigger=lost,ok;running' }], metadata: {}, idempotencyKey: 'run/b' };
    expect(await told(lost.trigger(asked).then(() => 1))).toBe('http_502?');
    expect(await lost.trigger(asked)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('given a cancel that is refused, ignored, then heeded slowly, when it is repeated, then the build runs on until the last one', async () => {
    const id = await trigger('cancel=!409,ignore*2,slow(2);running');
    const cancels: (string | number)[] = [];
    for (let ask = 0; ask < 4; ask++) {
      expect(await polls(id, 1)).toEqual(['running']);
      cancels.push(await told(runner.cancel(id)));
    }
    expect(cancels).toEqual(['http_409', 'done', 'done', 'done']);
    expect(await polls(id, 4)).toEqual(['running', 'running', 'cancelled', 'cancelled']);
  });

  it('given a terminal status that flips, when it is polled on, then it does flip: that is what it is for', async () => {
    expect(await polls(await trigger('succeeded,running,failed'), 4)).toEqual(['succeeded', 'running', 'failed', 'failed']);
  });

  it('given a start whose samples are stale, when progress is asked, then so many say stopped: of the old generation, or of the new one', async () => {
    const id = await trigger('start=stale(2),late(1),late;running');
    await polls(id, 1);
    const after = async (count: number): Promise<readonly string[]> => {
      await runner.stop(id);
      await runner.start(id);
      const samples: string[] = [];
      for (let ask = 0; ask < count; ask++) {
        const { generation, state } = await runner.progress(id);
        samples.push(`${generation} ${state}`);
      }
      return samples;
    };
    expect(await after(3)).toEqual(['1 stopped', '1 stopped', '2 running']);
    expect(await after(2)).toEqual(['3 stopped', '3 running']);
    expect(new Set(await after(20))).toEqual(new Set(['4 stopped']));
  });

  it('given a stopped build, when it is polled, then the script rests until it is started', async () => {
    const id = await trigger('running*2,succeeded');
    await polls(id, 1);
    await runner.stop(id);
    expect(await polls(id, 5)).toEqual(Array(5).fill('running'));
    await runner.start(id);
    expect(await polls(id, 2)).toEqual(['running', 'succeeded']);
  });

  it.each([
    ['failed', { failedSide: 'head', exitCode: '1' }], ['failed(base)', { failedSide: 'base' }],
    ['failed(7)', { exitCode: '7', failedSide: 'head' }], ['failed(infrastructure)', { infrastructure: 'true' }],
  ])('given an end that says %s, when it is asked about, then the metadata says so too', async (step, metadata) => {
    expect(await runner.status(await trigger(step))).toMatchObject({ status: 'failed', metadata });
  });

  it('given steps with percent and message, when they are reached, then they are its progress each time and its output once', async () => {
    const output = fakeOutput();
    runner = scriptedRunner({ store: memoryStore(), output });
    const id = await runner.trigger({ base: [], head: [{ uri: 'script:running(40 compiling a, b)*2,running(linking),running(90%),succeeded' }], metadata: { outputActor: 'run/a' }, idempotencyKey: 'run/a' });
    const progress = [];
    for (let poll = 0; poll < 4; poll++) progress.push((await runner.status(id)).progress);
    expect(progress).toEqual([{ percent: 40, message: 'compiling a, b' }, { percent: 40, message: 'compiling a, b' }, { message: 'linking' }, { percent: 90 }]);
    const lines: string[] = [];
    for await (const line of output.read('run/a', { follow: false, signal: new AbortController().signal })) lines.push(`${line.source}: ${line.text}`);
    expect(lines).toEqual(['scripted: compiling a, b', 'scripted: linking']);
  });

  it('given an answer that is slow, when it is waited for, then it takes so long', async () => {
    const start = performance.now();
    expect(await polls(await trigger('running@60'), 1)).toEqual(['running']);
    expect(performance.now() - start).toBeGreaterThan(55);
  });

  it.each(['walking', 'running*0', 'running(', 'cancel=perhaps', 'finish=ok', '!99', 'running@soon'])('given a script that says %s, when it is triggered, then it is refused with what would have been right', async (script) => {
    await expect(trigger(script)).rejects.toMatchObject({ code: 'bad_metadata', retryable: false, hint: expect.stringMatching(/\w+ \w+/) as string });
  });
});

describe('a scripted backend in a folder', () => {
  let dir: string;
  beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'millrace-scripted-')); });
  afterEach(() => rm(dir, { recursive: true }));

  it('given two workers that poll at once, when the calls are counted, then each got its own place in the script and none is lost', async () => {
    const workers = [0, 1].map(() => scriptedRunner({ store: folderStore(dir) }));
    const asked = { base: [], head: [{ uri: 'script:accepted*10,running*10,succeeded' }], metadata: {}, idempotencyKey: 'run/a' };
    const ids = await Promise.all(workers.map((worker) => worker.trigger(asked)));
    const samples = await Promise.all(Array.from({ length: 10 }, () => workers.map((worker, nth) => worker.status(ids[nth] ?? ('' as BuildId)))).flat());
    expect(samples.filter(({ status }) => status === 'accepted')).toHaveLength(10);
    const [build, ...others] = await scriptedBuilds(dir);
    expect(others).toEqual([]);
    expect(build).toMatchObject({ key: 'run/a', state: { calls: { trigger: 2, status: 20, cancel: 0 } } });
  });
});
