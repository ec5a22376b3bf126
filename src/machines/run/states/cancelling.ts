import { build, watched } from './inputs.ts';

export const cancelling = {
  description: 'The runner is asked to end the build, and watched until it has.',
  tags: ['stopping'],
  entry: ['forgetNext', 'settleUnwanted'],
  after: { cancelGrace: { target: 'ending', actions: 'endUnconfirmed' } },
  initial: 'asking',
  states: {
    asking: {
      invoke: {
        id: 'cancel', src: 'cancel', input: build,
        onDone: { target: 'watching', actions: ['countAsk', 'forgetFailures'] },
        onError: [
          { guard: 'isUnknown', target: '#run.ending', actions: 'endAsWished' },
          { guard: 'mayRetryCancel', target: 'backingOff', actions: ['countAsk', 'countFailure'] },
          { target: 'watching', actions: ['countAsk', 'countFailure'] },
        ],
      },
    },
    backingOff: { after: { cancelBackoff: 'asking' } },
    watching: {
      after: { nextAsk: { guard: 'mayAskAgain', target: 'asking' } },
      initial: 'waiting',
      states: {
        waiting: {
          always: { guard: 'isSignalled', target: 'checking' },
          after: { nextCheck: 'checking' },
        },
        checking: {
          entry: 'forgetSignal',
          on: { signal: { actions: ['noteSignal', 'interruptLastCheck'] } },
          invoke: {
            id: 'last-status', src: 'status', input: watched,
            onDone: [
              { guard: 'isOver', target: '#run.ending', actions: 'endAsSampled' },
              { target: 'waiting', actions: 'noteSample' },
            ],
            onError: [
              { guard: 'isInterrupted', target: 'waiting' },
              { guard: 'isUnknown', target: '#run.ending', actions: 'endAsWished' },
              { target: 'waiting', actions: 'countFailure' },
            ],
          },
        },
      },
    },
  },
} as const;
