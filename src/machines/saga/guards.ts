import type { Failure } from '../../kernel/errors.ts';
import { isPending } from '../request/book.ts';
import type { Found } from './activities.ts';
import { isFoundAhead, isOver, progressOf, needsUndo } from './context.ts';
import { askedNow, othersToAsk } from './final-check.ts';
import { targetChangedCode } from './target-changed.ts';
import { plan, settleChild } from './data.ts';
import { undoRetryOf, retryOf } from './policy.ts';
import { stepFinder } from './find.ts';
import { needsOf } from './needs.ts';
import { undoOrderOf } from './undo-order.ts';
import type { SagaContext, SagaEvent, SagaSpec } from './types.ts';

type Guard = (args: { context: SagaContext; event: SagaEvent }, params: { step: string }) => boolean;

/** The questions the chart asks. Each is named as it reads in a drawing. */
export function guardsOf(spec: SagaSpec) {
  const find = stepFinder(spec);
  const wishes = (wish: string) => ({ context }: { context: SagaContext }): boolean => context.control.wish === wish;
  const inPhase = (...phases: string[]) => ({ context }: { context: SagaContext }): boolean => phases.includes(context.phase);
  const retryLeft: Guard = ({ context }, { step }) => {
    const { error, attempts } = progressOf(context, step);
    return error?.retryable === true && attempts < retryOf(spec, find(step)).attempts;
  };
  const undoRetryLeft: Guard = ({ context }, { step }) => {
    const { undoError, undoAttempts } = progressOf(context, step);
    return undoError?.retryable === true && undoAttempts < undoRetryOf(spec, find(step)).attempts;
  };
  const skips: Guard = ({ context }, { step }) => plan(find(step), context.data).kind === 'skip';
  const cannotBegin: Guard = ({ context }, { step }) => plan(find(step), context.data).kind === 'refuse';
  const alreadyDone: Guard = ({ event }) => (event.output as Found | null | undefined)?.found === true;
  const childSucceeded: Guard = ({ event }, { step }) => 'gives' in settleChild(find(step), event.output);
  const maybeApplied: Guard = ({ context }, { step }) => needsUndo(context, find(step));
  const childIsStopped: Guard = ({ context }, { step }) => progressOf(context, step).childStopped === true;
  const needs = needsOf(spec);
  const undoOrder = undoOrderOf(spec);
  const ready: Guard = ({ context }, { step }) => needs.direct(step).every((name) => isOver(context, find(name)));
  const undoIsNext: Guard = ({ context }, { step }) => undoOrder(context)[0] === step;
  const hasMoreToAsk: Guard = ({ context }, { step }) => context.control.wish === 'run' && askedNow(othersToAsk(spec, find(step)), context).length > 0;
  const wasFoundAhead: Guard = ({ context }, { step }) => isFoundAhead(context, step);
  return {
    runWanted: wishes('run'),
    stopWanted: wishes('stop'),
    cancelWanted: wishes('cancel'),
    turnsBack: ({ context }: { context: SagaContext }): boolean => context.control.wish === 'cancel' || context.phase === 'undoing',
    isPaused: inPhase('paused'),
    isUndoing: inPhase('undoing'),
    isUnderWay: ({ context }: { context: SagaContext }): boolean => Object.values(context.steps).some(({ status }) => status === 'running'),
    startRefused: ({ context, event }: { context: SagaContext; event: SagaEvent }): boolean => context.control.wish === 'run' && isPending(context.requests, 'start') && (event.error as Partial<Failure> | null)?.code === targetChangedCode,
    notCancelled: ({ context }: { context: SagaContext }): boolean => !isPending(context.requests, 'cancel'),
    isBlocked: inPhase('blocked'),
    hasEnded: inPhase('completed', 'failed', 'cancelled'),
    hasFailed: ({ context }: { context: SagaContext }): boolean => context.error !== null,
    skips, cannotBegin, alreadyDone, childSucceeded, childIsStopped, retryLeft, undoRetryLeft, maybeApplied, hasMoreToAsk, wasFoundAhead, ready, undoIsNext,
  };
}
