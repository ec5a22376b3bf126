import { stoppedBuild } from './inputs.ts';

export const stopped = {
  description: 'Nothing of the build runs, and its time rests. Looked at now and then: it may end, or be started, elsewhere.',
  tags: ['stopped'],
  entry: ['restDeadline', 'settleAtRest', 'tellSettled'],
  always: { guard: 'isUnwanted', target: 'cancelling' },
  on: { start: { target: 'starting', actions: ['runDeadline', 'askStart'] } },
  initial: 'waiting',
  states: {
    waiting: {
      always: { guard: 'isSignalled', target: 'checking' },
      after: { nextLook: 'checking' },
    },
    checking: {
      entry: 'forgetSignal',
      invoke: {
        id: 'look', src: 'look', input: stoppedBuild,
        onDone: [
          { guard: 'isOver', target: '#run.ending', actions: 'endAsSampled' },
          { guard: 'isMoving', target: '#run.polling', actions: ['runDeadline', 'noteStartedElsewhere'] },
          { target: 'waiting', actions: 'forgetFailures' },
        ],
        onError: [
          { guard: 'isUnknown', actions: ['countFailure', 'wishUnreachable'] },
          // It waits for a person, and so it waits for its runner too.
          { target: 'waiting', actions: 'countFailure' },
        ],
      },
    },
  },
} as const;
