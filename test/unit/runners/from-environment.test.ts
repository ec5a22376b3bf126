import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isPausable } from '../../../src/machines/run/pausable.ts';
import { isTerminal } from '../../../src/machines/run/runner.ts';
import { runnersFrom } from '../../../src/runners.ts';
import { fakeBlobs } from '../../support/fake/blobs.ts';
import { fakeOutput } from '../../support/fake/output.ts';

const parts = { dataDir: '/nowhere', blobs: fakeBlobs(), output: fakeOutput() };

function namesIn(env: NodeJS.ProcessEnv): readonly string[] {
  const runners = runnersFrom(parts, env);
  runners.close();
  return runners.names;
}

test('given an environment that names no backend, when a worker starts, then it has the runners of this machine', () => {
  expect(namesIn({})).toEqual(['noop', 'process']);
});

test('given docker, buildkite and a backend of the team\'s own in the environment, when a worker starts, then it has them', () => {
  expect(namesIn({
    MILLRACE_DOCKER: '1', BUILDKITE_API_TOKEN: 't', BUILDKITE_ORGANIZATION: 'o', BUILDKITE_PIPELINE: 'p',
    MILLRACE_EXEC_RUNNERS: '[{"name":"mine","command":["python3","backend.py"]}]',
  })).toEqual(['buildkite', 'docker', 'mine', 'noop', 'process']);
});

test('given two of the three words buildkite needs, when a worker starts, then it has no buildkite', () => {
  expect(namesIn({ BUILDKITE_API_TOKEN: 't', BUILDKITE_ORGANIZATION: 'o' })).toEqual(['noop', 'process']);
});

test.each(['{', '{}', '[{"name":"a b","command":["x"]}]', '[{"name":"a","command":[]}]'])('given a list of runners that says %s, when a worker starts, then it is told what a list looks like', (text) => {
  expect(() => namesIn({ MILLRACE_EXEC_RUNNERS: text })).toThrow(expect.objectContaining({ code: 'bad_exec_runners' }));
});

test('given an environment that asks for the scripted backend, when a worker starts, then it has it; 0 asks for nothing', () => {
  expect(namesIn({ MILLRACE_SCRIPTED: '1' })).toEqual(['noop', 'process', 'scripted']);
  expect(namesIn({ MILLRACE_SCRIPTED: '0' })).toEqual(['noop', 'process']);
});

test.each(['{', '[]', '{"memoryBytes":"2G"}', '{"memory":1}', '{"pids":0}'])('given limits for process that say %s, when a worker starts, then it is told what limits look like', (text) => {
  expect(() => namesIn({ MILLRACE_PROCESS_LIMITS: text })).toThrow(expect.objectContaining({ code: 'bad_process_limits' }));
});

test('given limits for process in the environment, when a build asks for more of it than that, then it is held to the environment\'s', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-limits-'));
  const runners = runnersFrom({ ...parts, dataDir, blobs: fakeBlobs() }, { MILLRACE_PROCESS_LIMITS: '{"timeoutMs":300}' });
  const runner = runners.get('process');
  const id = await runner.trigger({ base: [], head: [], metadata: { command: 'sleep 30', timeoutMs: '30000' }, idempotencyKey: 'run/limited' });
  let sample = await runner.status(id);
  while (!isTerminal(sample.status)) {
    await pause(20);
    sample = await runner.status(id);
  }
  expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'timeout' } });
  runners.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('given a backend of the team\'s own that can pause, when a worker starts, then its runner can', () => {
  const runners = runnersFrom(parts, { MILLRACE_EXEC_RUNNERS: '[{"name":"mine","command":["x"],"pausable":true},{"name":"other","command":["x"]}]' });
  expect(['mine', 'other'].map((name) => isPausable(runners.get(name)))).toEqual([true, false]);
  runners.close();
});
