import { afterEach, beforeEach, it } from 'vitest';
import { runnerCases, type RunnerHarness } from '../../../src/adapters/runners/contract/cases.ts';
import { memoryRunner, type Jobs } from './memory.ts';

async function open(): Promise<RunnerHarness> {
  const jobs: Jobs = new Map();
  return {
    runner: memoryRunner(jobs),
    another: () => memoryRunner(jobs),
    course: async (course) => ({ head: [], metadata: { course } }),
    began: async () => jobs.size,
    close: async () => jobs.clear(),
  };
}

let harness: RunnerHarness;
beforeEach(async () => { harness = await open(); });
afterEach(() => harness.close());
it.each(runnerCases(['succeed', 'fail', 'hang']))('$name', ({ run }) => run(harness));
