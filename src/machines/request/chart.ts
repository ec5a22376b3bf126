import { createMachine, getNextSnapshot } from 'xstate';
import type { RequestState } from '../../kernel/request.ts';

/**
 * What becomes of a request. It lives in the context of the actor it is for, and takes its one step in the record
 * that settles it: between records there is nothing of it that could be evaluated.
 */
export const requestChart = createMachine({
  id: 'request',
  description: 'A wish of a person for an actor, stored with that actor.',
  initial: 'pending',
  states: {
    pending: {
      description: 'Accepted and stored; what was asked for has not come about yet.',
      tags: ['waiting'],
      on: {
        complete: { target: 'completed', description: 'what was asked for is so' },
        fail: { target: 'failed', description: 'it cannot come about any more' },
      },
    },
    completed: { type: 'final', tags: ['completed'], description: 'Done as asked.' },
    failed: { type: 'final', tags: ['failed'], description: 'Not done; the reason stands beside it.' },
  },
});

/** One step of the chart. What is settled stays as it is. */
export function after(state: RequestState, event: 'complete' | 'fail'): RequestState {
  if (state !== 'pending') return state;
  return getNextSnapshot(requestChart, requestChart.resolveState({ value: state }), { type: event }).value as RequestState;
}
