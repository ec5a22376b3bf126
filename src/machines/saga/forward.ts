import { awaitingState } from './awaiting.ts';
import { about, named, type ChartState, type Named, type Transition } from './config.ts';
import { othersToAsk, finalCheckState } from './final-check.ts';
import { checkOf } from './find.ts';
import { forwardMeta } from './meta.ts';
import { retryDelay } from './names.ts';
import { checkingState, executingState } from './running.ts';
import type { Step } from './step.ts';
import type { SagaSpec } from './types.ts';

/** Where a step that runs by itself leads: absolute targets in the work region. */
export interface Ways {
  /** The next step, or `completed`. */
  readonly next: string;
  /** The first undo that may be due when this step must be taken back. */
  readonly back: string;
}

/** A step beside others leads nowhere: its region ends as `done` or `over`, and the group goes on when all have. */
export interface Beside {
  /** Steps of the same group that must be over before it begins. */
  readonly waitsFor: readonly string[];
}

/** One step on the way forward, as a compound state named after it. */
export function forwardState(spec: SagaSpec, step: Step, ways: Ways | Beside): ChartState {
  const { name } = step;
  const hasCheck = checkOf(step) !== undefined;
  const beside = 'waitsFor' in ways ? ways : undefined;
  const turning = beside ? 'turnsBack' : 'cancelWanted';
  const back = 'back' in ways ? ways.back : 'over';
  const turnBack = (actions: readonly Named[], description: string): Transition =>
    ({ guard: named(turning), target: back, actions: beside ? actions : [...actions, about('beginUndo', name)], description });
  const attempt = hasCheck ? 'checking' : 'executing';
  const others = othersToAsk(spec, step);
  const looksAhead = others.length > 0;
  const isHeldUp = beside !== undefined && beside.waitsFor.length > 0;
  return {
    description: `Step "${name}" on the way forward.`,
    meta: { ...forwardMeta(spec, step), ...(isHeldUp ? { after: beside.waitsFor } : {}) },
    initial: isHeldUp ? 'awaiting' : 'deciding',
    states: {
      ...(isHeldUp ? { awaiting: awaitingState(name, beside.waitsFor) } : {}),
      deciding: {
        description: 'Pause, skip, or begin?',
        entry: [about('enter', name)],
        always: [
          ...(beside ? [turnBack([], 'the saga turns back')] : []),
          { guard: named('stopWanted'), target: 'paused', description: 'stop was asked for' },
          ...(hasCheck ? [{ guard: about('wasFoundAhead', name), target: 'done', description: 'it was found done before its turn' }] : []),
          { guard: about('skips', name), target: 'done', actions: [about('recordSkipped', name)], description: 'the step does not apply' },
          { guard: about('cannotBegin', name), target: 'judging', actions: [about('recordRefused', name)], description: 'what it needs is not there' },
          { target: attempt },
        ],
      },
      ...(looksAhead ? { finalCheck: finalCheckState(step, others, turnBack, turning) } : {}),
      ...(hasCheck ? { checking: checkingState(step, turnBack, turning) } : {}),
      executing: executingState(step, hasCheck, turning),
      judging: {
        description: 'The attempt failed: pause, retry, go on, or turn back?',
        always: [
          turnBack([about('recordInterrupted', name)], 'cancel was asked for'),
          { guard: named('stopWanted'), target: 'paused', description: 'stop was asked for' },
          { guard: about('retryLeft', name), target: 'backingOff', description: 'it may succeed later' },
          step.bookkeeping
            ? { target: 'done', actions: [about('recordWarning', name)], description: 'bookkeeping never reverts a live result' }
            : { target: back, actions: [about('recordFailure', name), about('beginUndo', name)], description: 'it failed for good' },
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
          ...(looksAhead ? [{ guard: about('hasMoreToAsk', name), target: 'finalCheck', description: 'start was asked for: look ahead first' }] : []),
          { guard: named('runWanted'), target: 'deciding', description: 'start was asked for: plan again' },
        ],
      },
      done: { type: 'final', ...(beside ? { entry: [about('pauseIfLast', name)] } : {}), description: 'Done, found done, or skipped.' },
      ...(beside ? { over: { type: 'final' as const, description: 'Nothing of it runs. The group turns back when that is so of all of it.' } } : {}),
    },
    ...('next' in ways ? { onDone: [turnBack([], 'cancel was asked for'), { target: ways.next }] } : {}),
  };
}
