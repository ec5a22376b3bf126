import type { BuildId, BuildRunner } from './runner.ts';

/**
 * How far a build is. `generation` is 1 from its start and grows by one with every `start` that let a
 * stopped build go on: a sample of an older generation says nothing about now.
 */
export interface ProgressSample {
  readonly generation: number;
  /** `waiting`: not begun. `stopped`: frozen, nothing of it runs. */
  readonly state: 'waiting' | 'running' | 'stopped' | 'ended';
  readonly percent?: number;
  readonly message?: string;
}

/** A runner whose builds can be frozen where they are and let go on. A stopped build's `status` is `running`, and its time limit rests where the runner says so. */
export interface PausableRunner extends BuildRunner {
  /**
   * Resolves once nothing of the build runs. Harmless on a build that is stopped or has ended.
   * @throws TerminalError `unknown_build`; RetryableError `not_running` while it has not begun.
   */
  stop(id: BuildId): Promise<void>;
  /**
   * Resolves once the build runs again, with the generation it runs in: a repeated call says the same one.
   * Harmless on a build that runs or has ended. @throws as `stop`.
   */
  start(id: BuildId): Promise<number>;
  /** @throws TerminalError `unknown_build`. */
  progress(id: BuildId): Promise<ProgressSample>;
}

export const isPausable = (runner: BuildRunner): runner is PausableRunner =>
  (['stop', 'start', 'progress'] as const).every((verb) => typeof (runner as Partial<PausableRunner>)[verb] === 'function');
