import { about, abortOf, named, type ChartState, type Transition } from './config.ts';
import { runId } from './names.ts';

/**
 * While a child works that stop and start are handed on to: it keeps what it has done, and tells when it is stopped.
 * Cancel ends it, whatever it is doing. `turning`: the guard that says whether the saga turns back.
 */
export function pausable(step: string, turning: string): Record<string, ChartState> {
  const id = runId(step);
  const onCancel: Transition = { guard: named(turning), target: 'cancelling', actions: [abortOf(id)], description: 'the saga turns back' };
  const heard = (news: 'stopped' | 'resumed', transition: Transition): Record<string, readonly Transition[]> =>
    ({ [`xstate.child.${news}.${id}`]: [{ ...transition, actions: [about(news === 'stopped' ? 'noteStopped' : 'noteResumed', step)] }] });
  return {
    active: {
      description: 'The child works, or somebody stopped it by itself.',
      tags: ['running'],
      always: [onCancel, { guard: named('stopWanted'), target: 'stopping', actions: [about('stopChild', step)], description: 'stop was asked for, and is handed on' }],
      on: { ...heard('stopped', { description: 'somebody stopped it' }), ...heard('resumed', { description: 'it goes on' }) },
    },
    stopping: {
      description: 'The child was told to stop; that it is stopped is awaited, or its end.',
      tags: ['stopping'],
      always: [onCancel, { guard: about('childIsStopped', step), target: 'halted', description: 'it was stopped before' }],
      on: { ...heard('stopped', { target: 'halted', description: 'it is stopped' }), ...heard('resumed', { description: 'it had not gone on yet' }) },
    },
    halted: {
      description: 'The child is stopped, and so is the saga. It keeps what it has done.',
      tags: ['stopped'],
      entry: [about('markPaused', step)],
      always: [onCancel, { guard: named('runWanted'), target: 'active', actions: [about('startChild', step), about('markRunning', step)], description: 'start was asked for, and is handed on' }],
    },
    cancelling: { description: 'Cancelled to turn back; its end is awaited before anything is undone.', tags: ['undoing'] },
  };
}
