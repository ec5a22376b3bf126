import { watched } from './inputs.ts';

export const polling = {
  description: 'The runner is asked, at its cadence, until the build has ended.',
  tags: ['running'],
  always: { guard: 'isUnwanted', target: 'cancelling' },
  after: { deadline: { actions: 'wishDeadline' } },
  on: { stop: [{ guard: 'isPausable', target: 'stopping', actions: 'askStop' }, { guard: 'isAskedByParent', actions: ['askStop', 'noteCannotPause', 'tellSettled'] }] },
  initial: 'waiting',
  states: {
    waiting: {
      // News is looked at at once, but never faster than the back-off of a runner that is away.
      always: { guard: 'isSignalled', target: 'checking' },
      after: { nextCheck: 'checking' },
    },
    checking: {
      entry: 'forgetSignal',
      on: { signal: { actions: ['noteSignal', 'interruptCheck'] } },
      invoke: {
        id: 'status', src: 'status', input: watched,
        onDone: [
          { guard: 'isOver', target: '#run.ending', actions: 'endAsSampled' },
          { target: 'waiting', actions: 'noteSample' },
        ],
        onError: [
          { guard: 'isInterrupted', target: 'waiting' },
          { guard: 'mayRetry', target: 'waiting', actions: 'countFailure' },
          { actions: ['countFailure', 'wishUnreachable'] },
        ],
      },
    },
  },
} as const;
