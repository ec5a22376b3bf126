import { about, abortOf, named, type ChartState, type Named, type Transition } from './config.ts';
import { answeringStates, isAnswering, pauseChild } from './answering.ts';
import { runInput } from './input.ts';
import { isChild, isPausable, timeoutOf } from './find.ts';
import { pausable } from './pausing.ts';
import { checkId, runId, timeoutDelay } from './names.ts';
import type { Step } from './step.ts';
import type { SagaContext } from './types.ts';

/** Makes the transition that a cancel takes. */
export type TurnBack = (actions: readonly Named[], description: string) => Transition;

/** `check` is asked. */
export function checkingState(step: Step, turnBack: TurnBack, turning: string): ChartState {
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
      onError: [
        { guard: named('startRefused'), target: 'paused', actions: [about('refuseStart', name)], description: 'something is not as it was planned' },
        { target: 'judging', actions: [about('recordError', name)] },
      ],
    }],
    initial: 'active',
    states: interruptible(checkId(name), turning),
  };
}

/** `run`, or the child actor, works. */
export function executingState(step: Step, hasCheck: boolean, turning: string): ChartState {
  const { name } = step;
  const child = isChild(step);
  return {
    description: child ? 'The child actor works.' : 'The step runs.',
    entry: [...(hasCheck ? [] : [about('beginAttempt', name)]), about('markRunning', name), ...(child ? [named('forgetFailing')] : [])],
    invoke: [{
      id: runId(name), src: runId(name), input: ({ context }: { context: SagaContext }) => runInput(step, context),
      onDone: child
        ? [{ guard: about('childSucceeded', name), target: 'done', actions: [about('recordChildDone', name)] },
          { target: 'judging', actions: [about('recordChildFailed', name)], description: 'the child ended without success' }]
        : [{ target: 'done', actions: [about('recordDone', name)] }],
      onError: [{ target: 'judging', actions: [about('recordError', name)] }],
    }],
    initial: 'active',
    states: isPausable(step) ? pausable(name, turning) : interruptible(runId(name), turning, { timesOut: timeoutOf(step) !== undefined, pauses: isAnswering(step) }),
  };
}

/** What may happen to what runs beside being aborted. */
interface Manner {
  readonly timesOut?: boolean;
  /** It is a child that answers a stop. */
  readonly pauses?: boolean;
}

/** While something runs: it is asked to end, and its end is awaited, whatever the reason. `turning`: the guard that says whether the saga turns back. `id`: of a run, its step's name. */
export function interruptible(id: string, turning: string, { timesOut = false, pauses = false }: Manner = {}): Record<string, ChartState> {
  const ask = abortOf(id);
  const onStop = (actions: readonly Named[]): Transition => ({ guard: named('stopWanted'), target: 'stopping', actions, description: 'stop was asked for' });
  const onCancel = (actions: readonly Named[]): Transition => ({ guard: named(turning), target: 'cancelling', actions, description: turning === 'cancelWanted' ? 'cancel was asked for' : 'the saga turns back' });
  return {
    active: {
      description: 'It works.',
      tags: ['running'],
      always: [onCancel([ask]), pauses ? pauseChild(id) : onStop([ask])],
      ...(timesOut ? { after: { [timeoutDelay(id)]: [{ target: 'timingOut', actions: [about('markTimedOut', id), ask], description: 'it took too long' }] } } : {}),
    },
    ...(timesOut ? { timingOut: { description: 'Aborted for taking too long; its end is awaited.', tags: ['running'], always: [onCancel([]), onStop([])] } } : {}),
    ...(pauses ? answeringStates(id, onCancel([ask]), ask) : {}),
    stopping: { description: 'Aborted to pause; its end is awaited.', tags: ['stopping'], always: [onCancel([])] },
    cancelling: { description: 'Aborted to turn back; its end is awaited before anything is undone.', tags: ['undoing'] },
  };
}
