import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execRunner } from '../../src/adapters/runners/exec/runner.ts';
import { eventually, processesWith } from '../support/runner/shop.ts';
import { runnerContract, type Course, type RunnerHarness } from './runner.contract.ts';

const commands: Readonly<Record<Course, string>> = { succeed: 'sleep 0.1', fail: 'exit 3', hang: 'sleep 60' };

async function open(program: readonly string[], pausable = false): Promise<RunnerHarness> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-exec-'));
  const marks = join(dir, 'began');
  const runner = () => execRunner({ name: 'own', command: [...program, join(dir, 'state')], pausable });
  return {
    runner: runner(),
    another: runner,
    course: (course) => Promise.resolve({ head: [{ uri: 'git:4f2a' }], metadata: { command: `echo $CHANGES >> ${marks}; ${commands[course]}` } }),
    began: async () => (await readFile(marks, 'utf8')).split('\n').filter((line) => line === 'git:4f2a').length,
    close: async () => {
      await eventually(async () => (await processesWith(dir)).length === 0);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

runnerContract('exec, the example in shell', ['succeed', 'fail', 'hang'], () => open(['sh', resolve('examples/runners/shell/backend.sh')]));

const python = spawnSync('python3', ['-c', 'import sys; assert sys.version_info >= (3, 8)']).status === 0;
if (!python) process.stderr.write('SKIPPED: the Python example of the exec runner, because there is no python3 of 3.8 or newer here.\n');
describe.each([
  { language: 'shell', program: ['sh', resolve('examples/runners/shell/backend.sh')], skip: false },
  { language: 'Python', program: ['python3', '-IS', resolve('examples/runners/python/backend.py'), '--state'], skip: !python },
])('the example in $language', ({ program, skip }) => {
  it.skipIf(skip)('given secrets for the job, when it is built, then the command has them, and no file of the backend has', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'millrace-exec-'));
    try {
      const jobEnvironment = () => Promise.resolve({ MILLRACE_JOB_TOKEN: 'with "quotes" and s3cr3t' });
      const runner = execRunner({ name: 'own', command: [...program, join(dir, 'state')], jobEnvironment });
      const id = await runner.trigger({ base: [], head: [], metadata: { command: `printf '%s/%s' "$MILLRACE_BUILD" "$MILLRACE_JOB_TOKEN" > ${dir}/seen` }, idempotencyKey: 'run/a' });
      await eventually(async () => (await runner.status(id)).status === 'succeeded');
      expect(await readFile(join(dir, 'seen'), 'utf8')).toBe('run/a/with "quotes" and s3cr3t');
      const files = (await readdir(join(dir, 'state'), { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
      const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
      expect(contents.join('\n')).toContain('MILLRACE_JOB_TOKEN');
      expect(contents.join('\n')).not.toContain('s3cr3t');
      await eventually(async () => (await processesWith(dir)).length === 0);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

runnerContract('exec, the example in Python', ['succeed', 'fail', 'hang'], () => open(['python3', '-IS', resolve('examples/runners/python/backend.py'), '--state'], true), { pausable: true, skip: !python });
