import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execRunner, type ExecRunnerOptions } from '../../../src/adapters/runners/exec/runner.ts';
import { isPausable } from '../../../src/machines/run/pausable.ts';
import type { BuildId, BuildRunner, TriggerRequest } from '../../../src/machines/run/runner.ts';
import type { BuildOutput, OutputLine } from '../../../src/runtime/ports/output.ts';
import { fakeOutput } from '../../support/fake/output.ts';
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

describe('a backend program that can pause', () => {
  it('given each verb, when it is called, then the program is told it, and its answer is taken', async () => {
    const runner = execRunner({ name: 'own', pausable: true, command: ['sh', '-c', `cat >> ${dir}/told; echo '{"generation":2,"state":"running","percent":7,"later":true}'`] });
    expect(isPausable(runner)).toBe(true);
    expect(await runner.stop(id)).toBeUndefined();
    expect(await runner.start(id)).toBe(2);
    expect(await runner.progress(id)).toEqual({ generation: 2, state: 'running', percent: 7 });
    expect((await readFile(join(dir, 'told'), 'utf8')).trim().split('\n').map((line) => (JSON.parse(line) as { verb: string }).verb)).toEqual(['stop', 'start', 'progress']);
  });

  it('given a program that was not said to pause, or that answers no generation, when it is asked to, then it does not pass for one that can', async () => {
    expect(isPausable(backend(`echo '{}'`))).toBe(false);
    const runner = execRunner({ name: 'own', pausable: true, command: ['sh', '-c', `echo '{}'`] });
    await expect(runner.start(id)).rejects.toMatchObject({ code: 'exec_bad_answer', retryable: true });
    await expect(runner.progress(id)).rejects.toMatchObject({ code: 'exec_bad_answer', retryable: true });
    await expect(runner.stop('../..' as BuildId)).rejects.toMatchObject({ code: 'unknown_build', retryable: false });
  });
});

describe('what a backend program gets and says besides', () => {
  const wanted = { ...asked, metadata: { ...asked.metadata, outputActor: 'run/a' } };
  const jobEnvironment = (actor: string): Promise<Record<string, string>> => Promise.resolve({ TOKEN: `s3cr3t-of-${actor}`, LEVEL: '9' });

  it('given secrets for the job, when it is triggered, then the program has them in its environment then and only then', async () => {
    const runner = backend(`cat > /dev/null; echo "$MILLRACE_BUILD $TOKEN $LEVEL" >> ${dir}/seen; echo '{"id":"b-1","status":"running"}'`, { jobEnvironment });
    await runner.trigger(wanted);
    await runner.status(id);
    expect((await readFile(join(dir, 'seen'), 'utf8')).split('\n')).toEqual(['run/a s3cr3t-of-run/a 9', '  ', '']);
  });

  it('given no hook, when it is triggered, then the program has the name of the build', async () => {
    await backend(`echo "$MILLRACE_BUILD" > ${dir}/seen; echo '{"id":"b-1"}'`).trigger(wanted);
    expect(await readFile(join(dir, 'seen'), 'utf8')).toBe('run/a\n');
  });

  it('given a program that repeats its secrets, when it fails or talks, then they are in no error and no line of output', async () => {
    const output = fakeOutput();
    const failing = backend(`env >&2; env; exit 1`, { jobEnvironment, output });
    const odd = backend(`env`, { jobEnvironment, output });
    const told = backend(`env >&2; echo '{"id":"b-1"}'`, { jobEnvironment, output });
    const errors = await Promise.all([failing, odd].map((runner) => runner.trigger(wanted).catch((reason: unknown) => reason)));
    await told.trigger(wanted);
    const words = JSON.stringify([errors.map((error) => [String(error), (error as Error).stack]), await linesOf(output)]);
    expect(words).toContain('TOKEN=***');
    expect(words).not.toContain('s3cr3t');
  });

  it('given an address among the variables, when the program repeats it, then it is shown', async () => {
    const output = fakeOutput();
    await backend(`echo "$SOCKET $TOKEN" >&2; echo '{"id":"b-1"}'`, { jobEnvironment: () => Promise.resolve({ SOCKET: '/data/jobs/jobs.sock', TOKEN: 's3cr3t-value' }), output }).trigger(wanted);
    expect(JSON.stringify(await linesOf(output))).toContain('/data/jobs/jobs.sock ***');
  });

  it('given names no environment has, or a hook that fails, when it is triggered, then no program is run', async () => {
    const refused = (hook: ExecRunnerOptions['jobEnvironment'] & object) => backend(`touch ${dir}/ran`, { jobEnvironment: hook }).trigger(wanted);
    await expect(refused(() => Promise.resolve({ 'A-B': 'x' }))).rejects.toMatchObject({ code: 'bad_job_environment', retryable: false });
    await expect(refused(() => Promise.reject(new Error('s3cr3t')))).rejects.toMatchObject({ code: 'job_environment_failed', retryable: true, message: expect.not.stringContaining('s3cr3t') as string });
    await expect(readFile(join(dir, 'ran'))).rejects.toThrow('ENOENT');
  });

  it('given words on stderr, when it answers, then they are lines of the build output, and a cancel has none to give them to', async () => {
    const output = fakeOutput();
    const runner = backend(`echo one >&2; echo two >&2; echo '{"id":"b-1","status":"running","metadata":{"outputActor":"run/a"}}'`, { output });
    await runner.trigger(wanted);
    await runner.status(id);
    await runner.cancel(id);
    expect((await linesOf(output)).map(({ source, text }) => `${source} ${text}`)).toEqual(['stderr one', 'stderr two', 'stderr one', 'stderr two']);
  });

  it('given nowhere to put its words, when it answers, then the answer counts all the same', async () => {
    const output: BuildOutput = { ...fakeOutput(), write: () => Promise.reject(new Error('away')) };
    expect(await backend(`echo word >&2; echo '{"id":"b-1"}'`, { output }).trigger(wanted)).toBe('b-1');
  });

  const linesOf = async (output: BuildOutput): Promise<OutputLine[]> => {
    const lines: OutputLine[] = [];
    for await (const line of output.read('run/a', { follow: false, signal: new AbortController().signal })) lines.push(line);
    return lines;
  };
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
