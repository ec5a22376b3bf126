import { z } from 'zod';
import { sendTo } from 'xstate';
import type { Failure } from '../../kernel/errors.ts';
import { about, named, type ChartState, type Named, type Transition } from './config.ts';
import { isChild } from './find.ts';
import type { Fold } from './record-forward.ts';
import type { Step } from './step.ts';
import type { SagaEvent, SagaSpec } from './types.ts';

/** The word of a child that was asked to stop or to start. `tell`: the step whose child it is. */
const requestSettled = z.strictObject({
  tell: z.string(), command: z.enum(['stop', 'start']), state: z.enum(['completed', 'failed']), detail: z.string(), code: z.string().optional(),
});

type Word = z.output<typeof requestSettled>;

/** Its child is asked to stop and to start when the saga is, and answers; one that says it cannot is cancelled. A step that says `onStop` has its own way. */
export const isAnswering = (step: Step): boolean => isChild(step) && step.onStop === undefined && step.child.answersParent;
export const hasAnswering = (spec: SagaSpec): boolean => spec.steps.some(isAnswering);

export const answeringCommands = { 'request-settled': requestSettled } as const;

/** A word that comes late says nothing any more. */
export const lateWord: Transition = { actions: [named('noteNothing')], description: 'a child has settled what it was asked before' };

/** Sends `stop` or `start` to the step's child. */
export const tellChild = sendTo((_: unknown, { step }: { step: string }) => step, (_: unknown, { step, command }: { step: string; command: string }) => ({ type: command, tell: step }));

const tell = (step: string, command: string): Named => ({ type: 'tellChild', params: { step, command } });

/**
 * A child that answers, while the saga is being stopped, is stopped, and goes on: states beside `active` and those in which
 * its end is awaited. The child lives through all of them.
 */
export function answeringStates(step: string, onCancel: Transition, cancelChild: Named): Record<string, ChartState> {
  const said = (guard: string, transition: Transition): Transition => ({ guard: about(guard, step), ...transition });
  return {
    pausing: {
      description: 'The child is asked to stop; its answer is awaited.',
      tags: ['stopping'],
      always: [onCancel],
      on: {
        'request-settled': [
          said('childStopped', { target: 'resting', description: 'it stands still' }),
          said('childNotStopped', { target: 'stopping', actions: [cancelChild], description: 'it cannot pause: it is ended, and begun anew later' }),
        ],
      },
    },
    resting: {
      description: 'Stopped, and so is the child; start lets both go on.',
      tags: ['stopped'],
      entry: [about('markPaused', step)],
      always: [onCancel, { guard: named('runWanted'), target: 'waking', actions: [tell(step, 'start'), about('markChecking', step)], description: 'start was asked for' }],
    },
    waking: {
      description: 'The child is asked to go on; its answer is awaited.',
      tags: ['running'],
      always: [onCancel, { guard: named('stopWanted'), target: 'pausing', actions: [tell(step, 'stop')], description: 'stop was asked for' }],
      on: {
        'request-settled': [
          said('childStarted', { target: 'active', actions: [about('markRunning', step)], description: 'it goes on' }),
          said('childNotStarted', { target: 'resting', actions: [named('refuseStartOfChild')], description: 'it does not go on' }),
        ],
      },
    },
  };
}

/** What a stop does to such a child while it works. */
export const pauseChild = (step: string): Transition => ({ guard: named('stopWanted'), target: 'pausing', actions: [tell(step, 'stop')], description: 'stop was asked for' });

type Guard = (args: { event: SagaEvent }, params: { step: string }) => boolean;
const says = (command: Word['command'], state: Word['state']): Guard => ({ event }, { step }) => {
  const word = event as unknown as Word;
  return word.tell === step && word.command === command && word.state === state;
};

export const answeringGuards = {
  childStopped: says('stop', 'completed'), childNotStopped: says('stop', 'failed'),
  childStarted: says('start', 'completed'), childNotStarted: says('start', 'failed'),
};

export const answeringFolds: Record<'noteNothing' | 'refuseStartOfChild', Fold> = {
  noteNothing: () => ({}),
  refuseStartOfChild: ({ context, event }) => ({ refused: refusal(event as unknown as Word), control: { ...context.control, wish: 'stop' } }),
};

const refusal = ({ code = 'not_started', detail }: Word): Failure => ({ name: 'RetryableError', code, message: detail, retryable: true });
