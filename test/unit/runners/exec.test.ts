import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execRunner, type ExecRunnerOptions } from '../../../src/adapters/runners/exec/runner.ts';
import type { BuildId, BuildRunner, TriggerRequest } from '../../../src/machines/run/runner.ts';
import { eventually, processesWith } from '../../support/runner/shop.ts';

let dir: string;
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'millrace-exec-')); });
afterEach(async () => { await rm(dir, { recursive: true, force: true }); });

const asked: TriggerRequest = { base: [{ uri: 'git:1' }], head: [{ uri: 'git:2' }], metadata: { a: 'ä' }, idempotencyKey: 'run/a' };
const id = 'b-1' as BuildId;

/** A backend that is a line of shell. */
const backend = (script: string, options: Partial<ExecRunnerOptions> = {}): BuildRunner =>
  execRunner({ name: 'own', command: ['sh', '-c', script], ...options });

describe('the protocol of the exec runner', () => {
  it('given each verb, when it is called, then the program is told it as JSON on stdin, and its answer is taken', async () => {
    const runner = backend(`cat >> ${dir}/told; echo '{"id":"b-1","status":"running","metadata":{"url":"http://x","tries":2},"progress":{"percent":40,"message":"half"},"later":true}'`);
    expect(await runner.trigger(asked)).toBe('b-1');
    expect(await runner.status(id)).toEqual({ status: 'running', metadata: { url: 'http://x', tries: '2' }, progress: { percent: 40, message: 'half' } });
    expect(await runner.cancel(id)).toBeUndefined();
    expect((await readFile(join(dir, 'told'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      { verb: 'trigger', ...asked }, { verb: 'status', id: 'b-1' }, { verb: 'cancel', id: 'b-1' },
    ]);
  });

  it('given a status word of a later version, when it is read, then it is unknown and the poll goes on', async () => {
    expect(await backend(`echo '{"status":"queued_twice"}'`).status(id)).toEqual({ status: 'unknown', metadata: {} });
  });

  it('given a worker with secrets, when the program is run, then it sees only what it was promised, in its own folder', async () => {
    process.env.EXEC_ALLOWED = 'yes';
    process.env.EXEC_SECRET = 'hunter2';
    await backend(`env > seen; echo '{}'`, { env: ['EXEC_ALLOWED', 'EXEC_ABSENT'], cwd: dir }).cancel(id);
    const names = (await readFile(join(dir, 'seen'), 'utf8')).trim().split('\n').map((line) => line.replace(/=.*/, ''));
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).toSorted((a, b) => a.localeCompare(b))).toEqual(['EXEC_ALLOWED', 'LANG', 'PATH']);
  });

  it('given a build that is left running with the pipes of the call, when the program ends, then the answer is taken at once and the build lives', async () => {
    const runner = backend(`sleep 30 & echo $! > ${dir}/pid; echo '{"id":"b-1"}'`, { timeoutMs: 20_000 });
    const before = performance.now();
    expect(await runner.trigger(asked)).toBe('b-1');
    expect(performance.now() - before).toBeLessThan(10_000);
    const pid = Number(await readFile(join(dir, 'pid'), 'utf8'));
    expect(process.kill(pid, 0)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('given an id no program can have given, when it is asked about, then no program is run', async () => {
    const runner = backend(`touch ${dir}/ran; echo '{"status":"running"}'`);
    await expect(runner.status('../..' as BuildId)).rejects.toMatchObject({ code: 'unknown_build', retryable: false });
    await expect(readFile(join(dir, 'ran'))).rejects.toThrow('ENOENT');
  });
});

describe('a backend program that fails', () => {
  it.each([
    ['says so, for good', `echo '{"error":{"code":"no_such_ref","message":"there is no git:2","retryable":false,"hint":"push it"}}'`, { code: 'no_such_ref', message: 'there is no git:2', retryable: false, hint: 'push it' }],
    ['says so, for now, with an exit code', `echo '{"error":{"code":"busy","message":"queue is full","retryable":true}}'; exit 4`, { code: 'busy', retryable: true }],
    ['does not say whether for good', `echo '{"error":{"code":"odd","message":"x"}}'`, { code: 'odd', retryable: true }],
    ['does not know the build', `echo '{"error":{"code":"unknown_build","message":"x","retryable":true}}'`, { code: 'unknown_build', retryable: false }],
    ['has a code that is none', `echo '{"error":{"code":"Not Good!","message":"x","retryable":false}}'`, { code: 'exec_backend_error', retryable: false }],
    ['ends with an exit code', `echo why >&2; exit 7`, { code: 'exec_failed', retryable: true, message: expect.stringMatching(/exit code 7.*Its last words: why$/) as string }],
    ['ends with an exit code after an answer', `echo '{"status":"running"}'; exit 1`, { code: 'exec_failed', retryable: true }],
    ['is killed', `kill -9 $$`, { code: 'exec_killed', retryable: true, message: expect.stringContaining('SIGKILL') as string }],
    ['answers in prose', `echo all is well`, { code: 'exec_bad_answer', retryable: true, message: expect.stringContaining('all is well') as string }],
    ['says nothing', `true`, { code: 'exec_bad_answer', retryable: true }],
    ['answers with another shape', `echo '{"status":7}'`, { code: 'exec_bad_answer', retryable: true }],
    ['answers with a list', `echo '[]'`, { code: 'exec_bad_answer', retryable: true }],
  ])('given it %s, when its answer is read, then the error says it, and whether a retry can help', async (_, script, error) => {
    await expect(backend(script).status(id)).rejects.toMatchObject(error);
  });

  it('given an answer without an end, when it is larger than allowed, then the program is killed and nothing is kept of it', async () => {
    await expect(backend(`echo ${dir} >/dev/null; yes`, { maxOutputBytes: 100_000 }).status(id)).rejects.toMatchObject({ code: 'exec_answer_too_large', retryable: true, message: expect.stringContaining('100000 bytes') as string });
    await eventually(async () => (await processesWith(dir)).length === 0);
  });

  it('given much on stderr, when it fails, then the error keeps only the last words', async () => {
    const error: unknown = await backend(`yes noise | head -c 5000000 >&2; echo the end >&2; exit 1`).status(id).catch((reason: unknown) => reason);
    expect((error as Error).message.length).toBeLessThan(800);
    expect((error as Error).message).toMatch(/the end$/);
  });

  it('given a program that hangs with children, when its time is over, then its whole group is killed', async () => {
    const runner = backend(`trap '' TERM; sh -c 'trap "" TERM; sleep 60; : ${dir}' & sleep 60; : ${dir}`, { timeoutMs: 300 });
    await expect(runner.trigger(asked)).rejects.toMatchObject({ code: 'exec_timeout', retryable: true, message: expect.stringContaining('300 ms') as string });
    await eventually(async () => (await processesWith(dir)).length === 0);
  });

  it('given no such program, no such folder, or one that may not be run, when it is called, then no retry can help', async () => {
    await writeFile(join(dir, 'plain.txt'), 'x');
    for (const options of [{ command: ['/nowhere/backend'] }, { command: ['true'], cwd: '/nowhere' }, { command: [join(dir, 'plain.txt')] }]) {
      await expect(execRunner({ name: 'own', ...options }).trigger(asked)).rejects.toMatchObject({ code: 'exec_not_found', retryable: false });
    }
    expect(() => execRunner({ name: 'own', command: [] })).toThrow(expect.objectContaining({ code: 'bad_runner' }) as Error);
  });
});
