import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pausableProcess } from '../../../src/adapters/runners/process/pausable.ts';
import type { ProcessRunner } from '../../../src/adapters/runners/process/runner.ts';
import type { BuildId, RunSample } from '../../../src/machines/run/runner.ts';
import { eventually, openShop, pause, processesWith, request, run, untilEnded, type Shop } from '../../support/runner/shop.ts';

let shop: Shop;
beforeEach(async () => { shop = await openShop(); });
afterEach(async () => { await shop.close(); });

const mebibyte = 1024 * 1024;
const outputActor = 'run/r1';
const printed = async (text: string): Promise<boolean> => (await shop.lines()).some(({ line }) => line.text === text);
/** A process that takes so much memory and keeps it. */
const hold = (bytes: number): string => `${process.execPath} -e 'const b = Buffer.alloc(${bytes}, 1); console.log("holding"); setTimeout(() => b, 300_000)'`;

async function expectNothingLeft({ id }: { id: BuildId }): Promise<void> {
  expect(await processesWith(`MILLRACE_BUILD_ID=${id}`)).toEqual([]);
  // The supervisor goes once it has said how the build ended.
  await eventually(async () => (await processesWith(shop.dataDir)).length === 0);
  expect(await readdir(join(shop.dataDir, 'runs', id))).toEqual(['result.json', 'started.json']);
}

describe('limits of a process', () => {
  it('given processes that together need more memory than they may, when it is seen, then the build is ended as a whole, and it is to blame', async () => {
    const half = hold(150 * mebibyte);
    const sample = await run(shop.runner({ limits: { memoryBytes: 250 * mebibyte } }), request(`${half} & setsid ${half} & ${half}`));
    expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'out_of_memory', failedSide: 'head', signal: 'SIGKILL' } });
    expect(sample.metadata.detail).toContain(String(250 * mebibyte));
    expect(Number(sample.metadata.memoryPeakBytes)).toBeGreaterThan(250 * mebibyte);
    await expectNothingLeft(sample);
  });

  it('given processes that share their memory, when each alone looks as if it had it all, then it is counted once', async () => {
    const sharing = 'x=$(head -c 40000000 /dev/zero | tr "\\0" x); for i in 1 2 3 4; do (sleep 0.7; :) & done; wait';
    const sample = await run(shop.runner(), request(sharing, { memoryBytes: String(100 * mebibyte) }));
    expect(sample.metadata.detail).toBeUndefined();
    expect(sample.status).toBe('succeeded');
  });

  it('given processes that share the work, when their processor time together is used up, then the build is ended', async () => {
    const busy = 'while :; do :; done';
    const sample = await run(shop.runner(), request(`(${busy}) & (setsid sh -c '${busy}') & wait`, { cpuSeconds: '1' }));
    expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'cpu_time', failedSide: 'head' } });
    expect(Number(sample.metadata.cpuMs)).toBeGreaterThanOrEqual(1000);
    expect(Number(sample.metadata.cpuMs)).toBeLessThan(4000);
    await expectNothingLeft(sample);
  });

  it('given many short processes, when none alone uses much time, then all of it is counted', async () => {
    const short = `sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'`;
    expect(await run(shop.runner(), request(`while :; do ${short}; done`, { cpuSeconds: '1' }))).toMatchObject({ metadata: { reason: 'cpu_time' } });
  });

  it('given processes that nobody of the build waits for, when each has ended before the next, then their time is counted too', async () => {
    const orphan = `(sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; touch done' &); while [ ! -e done ]; do sleep 0.1; done; rm done`;
    expect(await run(shop.runner(), request(`for _ in $(seq 20); do ${orphan}; done`, { cpuSeconds: '1' }))).toMatchObject({ metadata: { reason: 'cpu_time' } });
  });

  it('given a build that multiplies, when it has more processes than it may, then it is ended', async () => {
    const sample = await run(shop.runner(), request('f() { setsid sh -c "sleep 300" & sleep 0.02; f; }; f', { pids: '30' }));
    expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'too_many_processes', failedSide: 'head' } });
    await expectNothingLeft(sample);
  });

  it('given a build below all of its limits, when it ends, then it is as if there were none', async () => {
    const limits = { cpuSeconds: '20', memoryBytes: String(1024 * mebibyte), diskBytes: String(50 * mebibyte), pids: '50' };
    const sample = await run(shop.runner(), request('head -c 10000000 /dev/zero > file; cp file $TMPDIR; sleep 0.3', limits));
    expect(sample).toMatchObject({ status: 'succeeded', metadata: { ...limits } });
  });

  it('given a worker with limits, when a request asks for more, then it gets what the worker allows, and may ask for less', async () => {
    const runner = shop.runner({ limits: { timeoutMs: 300, diskBytes: 3 * mebibyte } });
    expect(await run(runner, request('sleep 20', { timeoutMs: '20000' }))).toMatchObject({ metadata: { reason: 'timeout', detail: 'the build took longer than 300 ms' } });
    expect(await run(runner, request('head -c 2000000 /dev/zero > file', { diskBytes: '1000000' }))).toMatchObject({ metadata: { reason: 'disk_full' } });
  });

  it.each(['cpuSeconds', 'memoryBytes', 'diskBytes', 'pids', 'timeoutMs'])('given a %s that is no whole number above 0, when it is triggered, then it is refused', async (name) => {
    for (const value of ['', '0', '-1', '1.5', 'much', '1e400']) {
      await expect(shop.runner().trigger(request('true', { [name]: value }))).rejects.toMatchObject({ code: 'bad_metadata', retryable: false, message: `${name} is "${value}"` });
    }
  });
});

describe('a disk quota', () => {
  const quota = { diskBytes: String(20 * mebibyte) };

  it.each([
    ['one big file', 'cat /dev/zero > file'],
    ['many small files', `mkdir d; cd d; i=0; while :; do i=$((i+1)); head -c 200000 /dev/zero > f$i; done`],
    ['its temp folder', 'head -c 15000000 /dev/zero > $TMPDIR/a; head -c 15000000 /dev/zero > b; sleep 300'],
    ['a file that was deleted and is still open', `exec 3> gone; rm gone; head -c 15000000 /dev/zero >&3; head -c 15000000 /dev/zero > b; sleep 300`],
    ['a burst just before its end', 'head -c 15000000 /dev/zero > a; head -c 15000000 /dev/zero > b'],
  ])('given a build that fills it with %s, when it is seen, then the build is ended, and it is to blame', async (_what, command) => {
    const sample = await run(shop.runner(), request(command, quota));
    expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'disk_full', failedSide: 'head' } });
    await expectNothingLeft(sample);
  });

  it('given a file with two names, when it is measured, then it counts once', async () => {
    const sample = await run(shop.runner(), request('head -c 15000000 /dev/zero > a; ln a b; sleep 0.5', quota));
    expect(sample.status).toBe('succeeded');
  });
});

describe('a build that behaves badly', () => {
  it('given daemons, forked twice, in sessions of their own, without their environment and deaf, when the build is cancelled, then none is left', async () => {
    const daemon = (name: string): string => `(setsid sh -c "trap '' TERM HUP INT; cd /; (setsid sh -c 'trap \\"\\" TERM; exec -a ${name} sleep 300' &) ; sleep 300" > /dev/null 2>&1 < /dev/null &)`;
    const bare = `env -i PATH="$PATH" setsid sh -c "trap '' TERM; sleep 299.${process.pid}; :" &`;
    const runner = shop.runner();
    const id = await runner.trigger(request(`${daemon('one')}; ${bare} echo up; wait; sleep 300`, { outputActor }));
    await eventually(() => printed('up'));
    await eventually(async () => (await processesWith(`sleep\x00299.${process.pid}`)).length > 0);
    await runner.cancel(id);
    const sample = await untilEnded(runner, id);
    expect(sample.status).toBe('cancelled');
    expect(await processesWith(`sleep\x00299.${process.pid}`)).toEqual([]);
    await expectNothingLeft({ id });
  });

  it('given a daemon that lost its parent and its environment after it was seen, when the build ends, then it is not forgotten', async () => {
    const sample = await run(shop.runner(), request(`(env -i PATH="$PATH" setsid sh -c "sleep 298.${process.pid}; :" & sleep 0.7); sleep 0.3`));
    expect(sample.status).toBe('succeeded');
    expect(await processesWith(`sleep\x00298.${process.pid}`)).toEqual([]);
  });

  it('given gigabytes on its stdout, when it ends, then its output is cut, and neither worker nor supervisor grew', async () => {
    const runner = shop.runner({ maxOutputBytes: 50_000 });
    const before = process.memoryUsage().rss;
    const id = await runner.trigger(request('yes $(head -c 1000 /dev/zero | tr "\\0" x) | head -c 2000000000; echo end >&2', { outputActor }));
    const { pid } = JSON.parse(await readFile(join(shop.dataDir, 'runs', id, 'started.json'), 'utf8')) as { pid: number };
    const peak = { worker: 0, supervisor: 0 };
    let sample: RunSample;
    do {
      await pause(50);
      peak.worker = Math.max(peak.worker, process.memoryUsage().rss - before);
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      peak.supervisor = Math.max(peak.supervisor, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      sample = await runner.status(id);
    } while (sample.status === 'running');
    console.log(`2 GB of output in ${sample.metadata.durationMs} ms: the worker grew by ${Math.round(peak.worker / mebibyte)} MiB, the supervisor had ${Math.round(peak.supervisor / mebibyte)} MiB at most`);
    expect(sample).toMatchObject({ status: 'succeeded', metadata: { outputCut: 'true' } });
    expect((await shop.lines()).at(-1)?.line.text).toBe('output cut after 50000 bytes');
    expect(peak.worker).toBeLessThan(150 * mebibyte);
    expect(peak.supervisor).toBeGreaterThan(0);
    expect(peak.supervisor).toBeLessThan(200 * mebibyte);
    await expectNothingLeft({ id });
  });

  it('given one endless line, when it is printed, then it is cut up, and the supervisor does not keep it', async () => {
    const sample = await run(shop.runner({ maxOutputBytes: 100_000 }), request('head -c 300000000 /dev/zero | tr "\\0" x', { outputActor, memoryBytes: String(500 * mebibyte) }));
    expect(sample).toMatchObject({ status: 'succeeded', metadata: { outputCut: 'true' } });
  });
});

describe('a build that stands still', () => {
  const ticking = (file: string): string => `while :; do echo x >> ${file}; sleep 0.02; done`;
  const size = async (file: string): Promise<number> => (await readFile(file, 'utf8').catch(() => '')).length;
  const started = async (runner: ProcessRunner, command: string, metadata: Record<string, string> = {}): Promise<BuildId> => {
    const id = await runner.trigger(request(`echo up; ${command}`, { outputActor, ...metadata }));
    await eventually(() => printed('up'));
    return id;
  };

  it('given daemons in sessions of their own, when it is stopped, then none runs until it is started', async () => {
    const runner = pausableProcess(shop.runner(), shop.dataDir);
    const files = ['a', 'b', 'c'].map((name) => join(shop.dir, name));
    const [a = '', b = '', c = ''] = files;
    const id = await started(runner, `(setsid sh -c '${ticking(a)}' &); env -i PATH="$PATH" setsid sh -c '${ticking(b)}' & ${ticking(c)}`);
    for (const file of files) await eventually(async () => (await size(file)) > 2);
    await runner.stop(id);
    const before = await Promise.all(files.map(size));
    await pause(300);
    expect(await Promise.all(files.map(size))).toEqual(before);
    await runner.start(id);
    for (const [index, file] of files.entries()) await eventually(async () => (await size(file)) > (before[index] ?? 0));
    await runner.stop(id);
    await runner.cancel(id);
    expect((await untilEnded(runner, id)).status).toBe('cancelled');
    await expectNothingLeft({ id });
  });

  it('given limits on time and processor time, when it stands still for longer, then they rest, and hold again afterwards', async () => {
    const runner = pausableProcess(shop.runner(), shop.dataDir);
    const id = await started(runner, 'while :; do :; done', { timeoutMs: '1200', cpuSeconds: '30' });
    await runner.stop(id);
    await pause(1500);
    expect((await runner.status(id)).status).toBe('running');
    await runner.start(id);
    const sample = await untilEnded(runner, id);
    expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'timeout' } });
    expect(Number(sample.metadata.pausedMs)).toBeGreaterThanOrEqual(1400);
    expect(Number(sample.metadata.cpuMs)).toBeLessThan(2500);
  });

  it('given it ignores SIGTERM, when it is cancelled while it stands still, then it ends all the same', async () => {
    const runner = pausableProcess(shop.runner(), shop.dataDir);
    const id = await started(runner, `trap '' TERM; (trap '' TERM; ${ticking(join(shop.dir, 'ticks'))}) & wait; sleep 300`);
    await runner.stop(id);
    await runner.cancel(id);
    expect((await untilEnded(runner, id)).status).toBe('cancelled');
    await expectNothingLeft({ id });
  });

  it('given a base that ends while the stop is on its way, when it is stopped, then the head does not begin before the start', async () => {
    const runner = pausableProcess(shop.runner(), shop.dataDir);
    const [base, head] = [[await shop.source({ which: 'base' })], [await shop.source({ which: 'head' })]];
    const mark = join(shop.dir, 'head-ran');
    // The wish comes with the last thing that the base does: there is nothing left of it to freeze.
    const id = await runner.trigger(request(`if grep -q base which; then exec touch ../../pause; fi; touch ${mark}`, {}, { base, head }));
    await eventually(() => existsSync(join(shop.dataDir, 'runs', id, 'paused')));
    await runner.stop(id);
    await pause(300);
    expect(existsSync(mark)).toBe(false);
    await runner.start(id);
    expect((await untilEnded(runner, id)).status).toBe('succeeded');
    expect(existsSync(mark)).toBe(true);
  });
});
