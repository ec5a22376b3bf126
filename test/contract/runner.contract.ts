import { afterEach, beforeEach, describe, it } from 'vitest';
import { runnerCases, type Course, type RunnerHarness } from '../../src/adapters/runners/contract/cases.ts';

export type { Course, RunnerHarness };

/** The rules of `runnerCases` as vitest tests. */
export function runnerContract(name: string, courses: readonly Course[], open: () => Promise<RunnerHarness>, options: { readonly pausable?: boolean } = {}): void {
  describe(`a runner: ${name}`, () => {
    let harness: RunnerHarness;
    beforeEach(async () => { harness = await open(); });
    afterEach(async () => { await harness.close(); });
    for (const { name: rule, run } of runnerCases(courses, options)) it(rule, () => run(harness));
  });
}
