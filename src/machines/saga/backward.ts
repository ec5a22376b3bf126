import { about, named, type ChartState } from './config.ts';
import { undoInput } from './input.ts';
import { backwardMeta } from './meta.ts';
import { undoId, undoRetryDelay } from './names.ts';
import type { Step } from './step.ts';
import type { SagaContext, SagaSpec } from './types.ts';

/** One step's undo, as a compound state. `next`: the undo before it, or `undone`. `failed`: where abandoning leads. */
export function backwardState(spec: SagaSpec, step: Step, next: string, failed: string): ChartState {
  const { name } = step;
  return {
    description: `Takes back step "${name}".`,
    meta: backwardMeta(spec, step),
    initial: 'deciding',
    states: {
      deciding: {
        description: 'Is there anything to take back?',
        always: [
          { guard: about('maybeApplied', name), target: 'executing', description: 'it was done, or may have been' },
          { target: 'done' },
        ],
      },
      executing: {
        description: 'The undo runs.',
        tags: ['undoing'],
        entry: [about('beginUndoAttempt', name)],
        invoke: [{
          id: undoId(name), src: undoId(name), input: ({ context }: { context: SagaContext }) => undoInput(step, context),
          onDone: [{ target: 'done', actions: [about('recordUndone', name)] }],
          onError: [{ target: 'judging', actions: [about('recordUndoError', name)] }],
        }],
      },
      judging: {
        description: 'The undo failed: try again, or ask for help?',
        always: [
          { guard: about('undoRetryLeft', name), target: 'backingOff', description: 'it may succeed later' },
          { target: 'blocked', description: 'nothing before it is undone' },
        ],
      },
      backingOff: {
        description: 'Waits before the undo is tried again.',
        tags: ['undoing'],
        after: { [undoRetryDelay(name)]: [{ target: 'executing', description: 'the next attempt' }] },
      },
      blocked: {
        description: 'The undo cannot go on by itself. A person says retry-undo or abandon.',
        tags: ['blocked'],
        entry: [about('recordBlocked', name)],
        on: {
          'retry-undo': [{ target: 'executing', actions: [named('askRetryUndo'), about('freshUndoBudget', name)], description: 'again, with a fresh budget' }],
          abandon: [{ target: failed, actions: [named('askAbandon'), about('recordAbandoned', name)], description: 'the rest is left as it is' }],
        },
      },
      done: { type: 'final', description: 'Taken back, or never applied.' },
    },
    onDone: [{ target: next }],
  };
}
