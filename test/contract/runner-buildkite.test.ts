import { buildkiteRunner } from '../../src/adapters/runners/buildkite/runner.ts';
import { buildkiteDouble } from '../support/buildkite-double.ts';
import { runnerContract, type Course } from './runner.contract.ts';

const scripts: Readonly<Record<Course, string[]>> = { succeed: ['scheduled', 'running', 'passed'], fail: ['running', 'failed'], hang: ['running'] };

runnerContract('buildkite', ['succeed', 'fail', 'hang'], async () => {
  const double = await buildkiteDouble();
  for (const [commit, script] of Object.entries(scripts)) double.scripts.set(commit, script);
  const runner = () => buildkiteRunner({ token: double.token, organization: 'mill', pipeline: 'race', baseUrl: double.url });
  return {
    runner: runner(),
    another: runner,
    course: (course) => Promise.resolve({ head: [{ uri: 'git:4f2a' }], metadata: { commit: course } }),
    // Two workers at the same moment may each start one; all but one are cancelled at once.
    began: () => Promise.resolve(double.builds.filter((build) => !build.state.startsWith('cancel')).length),
    close: () => double.close(),
  };
});
