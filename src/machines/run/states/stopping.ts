import { build } from './inputs.ts';

/** A call that is on its way is awaited before the next one is made: two at once could end either way. */
const failed = [
  { guard: 'isUnwanted', target: '#run.cancelling' },
  { guard: 'wantsStart', target: '#run.starting', actions: 'settleNotStopped' },
  { guard: 'mayRetry', target: 'backingOff', actions: 'countFailure' },
  { target: '#run.polling', actions: ['noteNotStopped', 'settleNotStopped', 'tellSettled'] },
] as const;

export const stopping = {
  description: 'The build is being frozen where it is.',
  tags: ['stopping'],
  entry: ['forgetFailures', 'forgetNext'],
  after: { deadline: { actions: 'wishDeadline' } },
  on: {
    start: [{ guard: 'wantsNothing', actions: 'wishStart' }, { guard: 'isAskedByParent', actions: 'noteTells' }],
    stop: [{ guard: 'wantsStart', actions: ['forgetNext', 'askStop'] }, { guard: 'isAskedByParent', actions: 'noteTells' }],
  },
  initial: 'asking',
  states: {
    asking: {
      invoke: {
        id: 'stop', src: 'stop', input: build,
        onDone: [
          { guard: 'isOver', target: '#run.ending', actions: 'endAsSampled' },
          { guard: 'isUnwanted', target: '#run.cancelling' },
          { guard: 'wantsStart', target: '#run.starting', actions: 'settleStopped' },
          { target: '#run.stopped', actions: 'noteStopped' },
        ],
        onError: failed,
      },
      after: { callLimit: failed },
    },
    backingOff: {
      always: [
        { guard: 'isUnwanted', target: '#run.cancelling' },
        { guard: 'wantsStart', target: '#run.starting', actions: 'settleNotStopped' },
      ],
      after: { retry: 'asking' },
    },
  },
} as const;
