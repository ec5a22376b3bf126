import type { JsonObject } from '../../kernel/json.ts';
import { isFoundAhead, isOver, isWorking, note, progressOf } from './context.ts';
import { pick, plan, settleChild } from './data.ts';
import type { FinalCheckOutput } from './final-check.ts';
import { badStepOutput, stepTimeout, toFailure } from './failures.ts';
import { stepFinder, timeoutOf } from './find.ts';
import { stagesOf } from './needs.ts';
import type { SagaContext, SagaEvent, SagaSpec } from './types.ts';

type Change = Partial<SagaContext>;
type Args = { context: SagaContext; event: SagaEvent; self: unknown };
export type Fold = (args: Args, params: { step: string }) => Change;

/** What the chart writes down on the way forward: pure folds of its context. */
export function forwardFolds(spec: SagaSpec) {
  const find = stepFinder(spec);
  const enter: Fold = ({ context }, { step }) => (isFoundAhead(context, step) ? {} : note(context, step, { status: 'pending', attempts: 0, error: undefined, timedOut: undefined }));
  const beginAttempt: Fold = ({ context }, { step }) => note(context, step, { attempts: progressOf(context, step).attempts + 1, timedOut: undefined });
  const markChecking: Fold = ({ context }, { step }) => note(context, step, { status: 'checking' });
  const markRunning: Fold = ({ context }, { step }) => note(context, step, { status: 'running', applied: 'maybe', childStopped: undefined });
  const noteStopped: Fold = ({ context }, { step }) => note(context, step, { childStopped: true });
  const noteResumed: Fold = ({ context }, { step }) => note(context, step, { childStopped: undefined });
  const markTimedOut: Fold = ({ context }, { step }) => note(context, step, { timedOut: true });
  const stageOf = new Map(stagesOf(spec).flatMap((stage) => stage.map(({ name }) => [name, stage])));
  /** Beside others the saga is paused only when the last of them is. */
  const markPaused: Fold = ({ context }, { step }) => {
    const { steps } = note(context, step, { status: 'pending', timedOut: undefined });
    return isWorking({ ...context, steps }) ? { steps } : { steps, phase: 'paused' };
  };
  /** The last one that still ran while all others were paused has completed all the same. */
  const pauseIfLast: Fold = ({ context }, { step }) => {
    const isLast = context.control.wish === 'stop' && context.phase === 'forward' && !isWorking(context);
    return isLast && stageOf.get(step)?.some((other) => !isOver(context, other)) === true ? { phase: 'paused' } : {};
  };
  const recordSkipped: Fold = ({ context }, { step }) => {
    const planned = plan(find(step), context.data);
    if (planned.kind !== 'skip') return {};
    return finish(context, step, planned.gives, { status: 'skipped', skippedBecause: planned.because });
  };
  const recordRefused: Fold = ({ context }, { step }) => {
    const planned = plan(find(step), context.data);
    return planned.kind === 'refuse' ? note(context, step, { error: planned.error }) : {};
  };
  const recordFound: Fold = ({ context, event }, { step }) => {
    const gives = pick(find(step).gives, (event.output as { gives: JsonObject }).gives);
    const applied = progressOf(context, step).applied === 'no' ? 'no' : 'yes';
    return finish(context, step, gives, { status: 'done', applied, foundDone: true });
  };
  const recordFoundAhead: Fold = ({ context, event }) => {
    const { found } = event.output as FinalCheckOutput;
    return Object.entries(found).reduce((changed, [step, gives]) => {
      const { applied, status } = progressOf(changed, step);
      // One that has begun meanwhile, beside this one, finds out by itself.
      if (status !== 'pending') return changed;
      return { ...changed, ...finish(changed, step, pick(find(step).gives, gives), { status: 'done', applied: applied === 'no' ? 'no' : 'yes', foundDone: true }) };
    }, context);
  };
  /** The saga stays stopped, and whoever asked is told why. */
  const refuseStart: Fold = ({ context, event }) => ({ refused: toFailure(event.error), control: { ...context.control, wish: 'stop' } });
  const recordDone: Fold = ({ context, event }, { step }) =>
    finish(context, step, pick(find(step).gives, (event.output ?? {}) as JsonObject), { status: 'done', applied: 'yes' });
  const recordChildDone: Fold = ({ context, event }, { step }) => {
    const settled = settleChild(find(step), event.output);
    return 'gives' in settled ? finish(context, step, settled.gives, { status: 'done', applied: 'yes' }) : {};
  };
  const recordChildFailed: Fold = ({ context, event }, { step }) => {
    const settled = settleChild(find(step), event.output);
    return note(context, step, { error: 'error' in settled ? settled.error : badStepOutput(step, 'its child ended') });
  };
  const recordError: Fold = ({ context, event }, { step }) => {
    const timeout = progressOf(context, step).timedOut ? timeoutOf(find(step)) : undefined;
    return note(context, step, { error: timeout === undefined ? toFailure(event.error) : stepTimeout(step, timeout), timedOut: undefined });
  };
  const recordInterrupted: Fold = ({ context }, { step }) => note(context, step, { status: 'pending', error: undefined });
  const recordFailure: Fold = ({ context }, { step }) =>
    ({ ...note(context, step, { status: 'failed' }), error: context.error ?? progressOf(context, step).error ?? null });
  const recordWarning: Fold = ({ context }, { step }) => {
    const { error } = progressOf(context, step);
    return { ...note(context, step, { status: 'failed' }), warnings: error ? [...context.warnings, { step, error }] : context.warnings };
  };
  return {
    noteStopped, noteResumed, enter, beginAttempt, markChecking, markRunning, markTimedOut, markPaused, pauseIfLast, recordSkipped, recordRefused, recordFound, recordFoundAhead, refuseStart,
    recordDone, recordChildDone, recordChildFailed, recordError, recordInterrupted, recordFailure, recordWarning,
  };
}

function finish(context: SagaContext, step: string, gives: JsonObject, change: Parameters<typeof note>[2]): Change {
  return {
    ...note(context, step, { ...change, error: undefined, timedOut: undefined, childStopped: undefined }),
    data: { ...context.data, ...gives },
    order: [...context.order, step],
  };
}
