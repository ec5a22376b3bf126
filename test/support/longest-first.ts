import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, the longest first. */
const longest = [
  'test/crash/build/every-persist', 'test/e2e/bad-input', 'test/e2e/commands', 'test/crash/matrix/', 'test/crash/build/kills', 'test/e2e/',
  'test/containers/', 'test/browser/', 'test/crash/', 'test/unit/runners/process-limits', 'test/simulator/', 'test/contract/runner-', 'test/contract/queue',
];

/**
 * A long file that begins last keeps one core busy alone. vitest knows how long each took the last time; in a
 * fresh clone this list knows. Files that share their process come last, and so next to each other.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      if (!project.config.isolate) return longest.length + 1;
      const path = relative(project.config.root, moduleId);
      const found = longest.findIndex((start) => path.startsWith(start));
      return found === -1 ? longest.length : found;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
