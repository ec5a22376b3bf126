import { abort } from './abort-seam.ts';
import { about, named, type ChartState, type Named, type Transition } from './config.ts';
import { runInput } from './input.ts';
import { checkId, retryDelay, runId, timeoutDelay } from './names.ts';
import type { Step } from './step.ts';
import type { SagaContext } from './types.ts';

/** Where a step leads: absolute targets in the work region. */
export interface Ways {
  /** The next step, or `completed`. */
  readonly next: string;
  /** The first undo that may be due when this step must be taken back. */
  readonly back: string;
}

/** One step on the way forward, as a compound state named after it. */
export function forwardState(step: Step, ways: Ways): ChartState {
  const { name } = step;
  const hasCheck = 'check' in step && step.check !== undefined;
  const turnBack = (actions: readonly Named[], description: string): Transition =>
    ({ guard: named('cancelWanted'), target: ways.back, actions: [...actions, about('beginUndo', name)], description });
  const attempt = hasCheck ? 'checking' : 'executing';
  return {
    description: `Step "${name}" on the way forward.`,
    initial: 'deciding',
    states: {
      deciding: {
        description: 'Pause, skip, or begin?',
        entry: [about('enter', name)],
        always: [
          { guard: named('stopWanted'), target: 'paused', description: 'stop was asked for' },
          { guard: about('skips', name), target: 'done', actions: [about('recordSkipped', name)], description: 'the step does not apply' },
          { guard: about('cannotBegin', name), target: 'judging', actions: [about('recordRefused', name)], description: 'what it needs is not there' },
          { target: attempt },
        ],
      },
      ...(hasCheck ? { checking: checkingState(step, turnBack) } : {}),
      executing: executingState(step, hasCheck),
      judging: {
        description: 'The attempt failed: pause, retry, go on, or turn back?',
        always: [
          turnBack([about('recordInterrupted', name)], 'cancel was asked for'),
          { guard: named('stopWanted'), target: 'paused', description: 'stop was asked for' },
          { guard: about('retryLeft', name), target: 'backingOff', description: 'it may succeed later' },
          step.bookkeeping
            ? { target: 'done', actions: [about('recordWarning', name)], description: 'bookkeeping never reverts a live result' }
            : { target: ways.back, actions: [about('recordFailure', name), about('beginUndo', name)], description: 'it failed for good' },
        ],
      },
      backingOff: {
        description: 'Waits before the next attempt.',
        tags: ['waiting'],
        always: [
          turnBack([about('recordInterrupted', name)], 'cancel was asked for'),
          { guard: named('stopWanted'), target: 'paused', description: 'stop was asked for' },
        ],
        after: { [retryDelay(name)]: [{ target: attempt, description: 'the next attempt' }] },
      },
      paused: {
        description: 'Stopped. Nothing runs, nothing is undone; start goes on from here.',
        tags: ['stopped'],
        entry: [about('markPaused', name)],
        always: [
          turnBack([], 'cancel was asked for'),
          { guard: named('runWanted'), target: 'deciding', description: 'start was asked for: plan again' },
        ],
      },
      done: { type: 'final', description: 'Done, found done, or skipped.' },
    },
    onDone: [turnBack([], 'cancel was asked for'), { target: ways.next }],
  };
}

type TurnBack = (actions: readonly Named[], description: string) => Transition;

function checkingState(step: Step, turnBack: TurnBack): ChartState {
  const { name } = step;
  return {
    description: 'Asks whether the step is already done.',
    entry: [about('beginAttempt', name), about('markChecking', name)],
    invoke: [{
      id: checkId(name), src: checkId(name), input: ({ context }: { context: SagaContext }) => runInput(step, context),
      onDone: [
        { guard: about('alreadyDone', name), target: 'done', actions: [about('recordFound', name)], description: 'it is already done' },
        turnBack([about('recordInterrupted', name)], 'cancel was asked for'),
        { guard: named('stopWanted'), target: 'paused', description: 'stop was asked for' },
        { target: 'executing', description: 'it is not done yet' },
      ],
      onError: [{ target: 'judging', actions: [about('recordError', name)] }],
    }],
    initial: 'active',
    states: interruptible(checkId(name)),
  };
}

function executingState(step: Step, hasCheck: boolean): ChartState {
  const { name } = step;
  const isChild = 'child' in step;
  const timeout = 'timeoutMs' in step && step.timeoutMs !== undefined;
  return {
    description: isChild ? 'The child actor works.' : 'The step runs.',
    entry: [...(hasCheck ? [] : [about('beginAttempt', name)]), about('markRunning', name)],
    invoke: [{
      id: runId(name), src: runId(name), input: ({ context }: { context: SagaContext }) => runInput(step, context),
      onDone: isChild
        ? [{ guard: about('childSucceeded', name), target: 'done', actions: [about('recordChildDone', name)] },
          { target: 'judging', actions: [about('recordChildFailed', name)], description: 'the child ended without success' }]
        : [{ target: 'done', actions: [about('recordDone', name)] }],
      onError: [{ target: 'judging', actions: [about('recordError', name)] }],
    }],
    initial: 'active',
    states: interruptible(runId(name), timeout ? name : undefined),
  };
}

/** While something runs: it is asked to end, and its end is awaited, whatever the reason. */
function interruptible(id: string, timesOut?: string): Record<string, ChartState> {
  const ask = abort(id);
  const onStop = (actions: readonly Named[]): Transition => ({ guard: named('stopWanted'), target: 'stopping', actions, description: 'stop was asked for' });
  const onCancel = (actions: readonly Named[]): Transition => ({ guard: named('cancelWanted'), target: 'cancelling', actions, description: 'cancel was asked for' });
  return {
    active: {
      tags: ['running'],
      always: [onCancel([ask]), onStop([ask])],
      ...(timesOut === undefined ? {} : { after: { [timeoutDelay(timesOut)]: [{ target: 'timingOut', actions: [about('markTimedOut', timesOut), ask], description: 'it took too long' }] } }),
    },
    ...(timesOut === undefined ? {} : { timingOut: { description: 'Aborted for taking too long; its end is awaited.', tags: ['running'], always: [onCancel([]), onStop([])] } }),
    stopping: { description: 'Aborted to pause; its end is awaited.', tags: ['stopping'], always: [onCancel([])] },
    cancelling: { description: 'Aborted to turn back; its end is awaited before anything is undone.', tags: ['undoing'] },
  };
}
