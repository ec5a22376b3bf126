import { activity } from '../../kernel/activity.ts';
import type { ActivityScope } from '../../kernel/definition.ts';
import { TerminalError } from '../../kernel/errors.ts';
import type { RunContext } from './context.ts';
import { isPausable, type PausableRunner, type ProgressSample } from './pausable.ts';
import type { GivenUpRun, RunPorts } from './ports.ts';
import { isTerminal, type BuildId, type BuildRunner, type RunSample, type RunStatus } from './runner.ts';
import { watching, type Watch } from './watch.ts';

/** Which build at which runner. */
export interface BuildRef {
  readonly runner: string;
  readonly buildId: string;
}

export interface Triggered {
  readonly buildId: string;
  /** The runner can stop and start it. */
  readonly pausable: boolean;
}

/** How far a stopped or started build is. Its status is terminal once `state` is `ended`. */
export type Look = Pick<ProgressSample, 'generation' | 'state'> & RunSample;

export type StatusInput = BuildRef & Watch & { readonly last: RunStatus; readonly knowsUrl: boolean };
/** `generation`: of the start that was accepted last. */
export type LookInput = BuildRef & Watch & { readonly generation: number };
export type GivenUpInput = Omit<GivenUpRun, 'actor' | 'at'>;

/** The code behind the chart. */
export const runActivities = ({ runners, giveUp }: RunPorts) => ({
  /** One actor, one build: the key is the actor's name, whatever the attempt. Its output goes to the actor unless told otherwise. */
  trigger: activity<Triggered, RunContext['request']>(async ({ input: { runner: name, base, head, metadata }, actor }) => {
    const runner = runners(name);
    const buildId = await runner.trigger({ base, head, metadata: { outputActor: actor, ...metadata }, idempotencyKey: actor });
    return { buildId, pausable: isPausable(runner) };
  }),

  status: activity<RunSample, StatusInput>((scope) => {
    const { runner, buildId, last, knowsUrl, ...watch } = scope.input;
    const ask = asking(scope, runners(runner), buildId as BuildId);
    return watching(scope, watch, ask, ({ status, metadata }) => status !== last || (metadata.url !== undefined && !knowsUrl));
  }),

  cancel: activity<void, BuildRef>(async ({ input }) => runners(input.runner).cancel(input.buildId as BuildId)),
  /** Says how far it is then: it may have ended before it could be stopped. */
  stop: activity<Look, BuildRef>(async ({ input }) => {
    const runner = pausable(runners(input.runner));
    await runner.stop(input.buildId as BuildId);
    return look(runner, input.buildId as BuildId);
  }),
  /** The generation it runs in. */
  start: activity<number, BuildRef>(async ({ input }) => pausable(runners(input.runner)).start(input.buildId as BuildId)),

  look: activity<Look, LookInput>((scope) => {
    const { runner, buildId, generation, ...watch } = scope.input;
    return watching(scope, watch, () => look(pausable(runners(runner)), buildId as BuildId), (sample) => isMoving(sample, generation));
  }),

  giveUp: activity<void, GivenUpInput>(async ({ input, actor, now }) => giveUp?.({ ...input, actor, at: now() })),
});

/** The metadata is kept only once it is final, but for the address of its page: polls are many. Progress is told when it changes. */
function asking(scope: Pick<ActivityScope, 'progress'>, runner: BuildRunner, id: BuildId): () => Promise<RunSample> {
  let told = '';
  return async () => {
    const { status, metadata, progress } = await runner.status(id);
    if (isTerminal(status)) return { status, metadata };
    const telling = JSON.stringify(progress);
    if (progress !== undefined && telling !== told) scope.progress(progress.message ?? status, progress.percent);
    told = telling;
    return { status, metadata: metadata.url === undefined ? {} : { url: metadata.url } };
  };
}

async function look(runner: PausableRunner, id: BuildId): Promise<Look> {
  const { generation, state } = await runner.progress(id);
  if (state !== 'ended') return { generation, state, status: 'running', metadata: {} };
  const { status, metadata } = await runner.status(id);
  // Between its end and the moment in which its runner can say how it ended.
  return isTerminal(status) ? { generation, state, status, metadata } : { generation, state: 'running', status: 'running', metadata: {} };
}

/** It goes on, or has ended: not an old sample of how it stood still. */
export const isMoving = ({ state, generation }: Pick<Look, 'state' | 'generation'>, known: number): boolean =>
  state === 'ended' || (state === 'running' && generation >= known);

function pausable(runner: BuildRunner): PausableRunner {
  if (isPausable(runner)) return runner;
  throw new TerminalError('cannot_pause', `this worker's runner "${runner.name}" cannot stop and start a build`, { hint: 'run a worker whose runner can, or cancel the build' });
}
