import type { ActorName } from '../../kernel/record.ts';
import type { GivenUp, RunContext } from './context.ts';
import type { BuildRunner } from './runner.ts';

/** A build that was given up, as people are told of it. `at`: ms since the epoch. */
export interface GivenUpRun extends GivenUp {
  readonly actor: ActorName;
  readonly buildId: string | null;
  readonly request: RunContext['request'];
  readonly at: number;
}

/** What a run needs of the world. */
export interface RunPorts {
  /** @throws TerminalError `unknown_runner`. */
  readonly runners: (name: string) => BuildRunner;
  /** Leaves word of a build that was given up, before the run ends. Idempotent by actor. Default: the run's own end says it. */
  readonly giveUp?: (run: GivenUpRun) => Promise<void>;
}
