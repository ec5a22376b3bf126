import { TerminalError } from '../../kernel/errors.ts';
import type { BuildRunner } from '../../machines/run/runner.ts';

/** The runners of one worker, by name. */
export interface RunnerRegistry {
  readonly names: readonly string[];
  /** @throws TerminalError `unknown_runner`, naming those there are. */
  get(name: string): BuildRunner;
}

export function runnerRegistry(runners: readonly BuildRunner[]): RunnerRegistry {
  const byName = new Map(runners.map((runner) => [runner.name, runner]));
  const names = [...byName.keys()].toSorted();
  return {
    names,
    get: (name) => {
      const runner = byName.get(name);
      if (runner !== undefined) return runner;
      throw new TerminalError('unknown_runner', `this worker has no runner named "${name}"; it has ${names.join(', ') || 'none'}`, { hint: 'name one of those, or start a worker whose environment gives it another' });
    },
  };
}
