import { activity } from '../../kernel/activity.ts';
import type { RunContext } from './context.ts';
import { isTerminal, type BuildId, type BuildRunner, type RunSample } from './runner.ts';

export interface RunPorts {
  /** @throws TerminalError `unknown_runner`. */
  readonly runners: (name: string) => BuildRunner;
}

/** Which build at which runner. */
export interface BuildRef {
  readonly runner: string;
  readonly buildId: string;
}

/** The code behind the chart. */
export const runActivities = ({ runners }: RunPorts) => ({
  /** One actor, one build: the key is the actor's name, whatever the attempt. Its output goes to the actor unless told otherwise. */
  trigger: activity<string, RunContext['request']>(async ({ input: { runner, base, head, metadata }, actor }) =>
    runners(runner).trigger({ base, head, metadata: { outputActor: actor, ...metadata }, idempotencyKey: actor })),

  /** The metadata is kept only once it is final: polls are many. */
  status: activity<RunSample, BuildRef>(async ({ input, progress }) => {
    const sample = await runners(input.runner).status(input.buildId as BuildId);
    if (isTerminal(sample.status)) return { status: sample.status, metadata: sample.metadata };
    if (sample.progress !== undefined) progress(sample.progress.message ?? sample.status, sample.progress.percent);
    return { status: sample.status, metadata: {} };
  }),

  cancel: activity<void, BuildRef>(async ({ input }) => runners(input.runner).cancel(input.buildId as BuildId)),
});
