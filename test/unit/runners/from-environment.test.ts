import { expect, test } from 'vitest';
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
