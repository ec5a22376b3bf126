import { afterEach, beforeEach, describe, it } from 'vitest';
import { runnerCases, type CaseOptions, type Course, type RunnerHarness } from '../../src/adapters/runners/contract/cases.ts';

export type { Course, RunnerHarness };

export interface ContractOptions extends CaseOptions {
  /** It cannot be tested here; whoever finds that out says so loudly. */
  readonly skip?: boolean;
}

/** The rules of `runnerCases` as vitest tests. */
export function runnerContract(name: string, courses: readonly Course[], open: () => Promise<RunnerHarness>, options: ContractOptions = {}): void {
  describe.skipIf(options.skip === true)(`a runner: ${name}`, () => {
    let harness: RunnerHarness;
    beforeEach(async () => { harness = await open(); });
    afterEach(async () => { await harness.close(); });
    for (const { name: rule, run } of runnerCases(courses, options)) it(`${rule}`, () => run(harness));
  });
}
