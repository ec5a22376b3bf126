import { build, startedBuild } from './inputs.ts';

const failed = [
  { guard: 'isUnwanted', target: '#run.cancelling' },
  { guard: 'wantsStop', target: '#run.stopping' },
  { guard: 'mayRetry', target: 'backingOff', actions: 'countFailure' },
  { target: '#run.stopped', actions: 'noteNotStarted' },
] as const;

const isUnwanted = { guard: 'isUnwanted', target: '#run.cancelling' } as const;

/** The grace is a timer in the log: it ends when it ends, however many workers die meanwhile. */
const confirming = {
  always: isUnwanted,
  after: { startGrace: { target: '#run.stopped', actions: 'noteGraceOver' } },
  on: { stop: { target: '#run.stopping', actions: 'askStop' }, start: { guard: 'isAskedByParent', actions: 'noteTells' } },
  initial: 'checking',
  states: {
    waiting: {
      always: { guard: 'isSignalled', target: 'checking' },
      after: { nextSample: 'checking' },
    },
    checking: {
      entry: 'forgetSignal',
      on: { signal: { actions: ['noteSignal', 'interruptLook'] } },
      invoke: {
        id: 'look', src: 'look', input: startedBuild,
        onDone: [
          { guard: 'isOver', target: '#run.ending', actions: 'endAsSampled' },
          { guard: 'isMoving', target: '#run.polling', actions: ['noteStarted', 'tellSettled'] },
          { guard: 'isStoppedElsewhere', target: '#run.stopped', actions: 'noteStoppedElsewhere' },
          { target: 'waiting', actions: 'forgetFailures' },
        ],
        onError: [
          { guard: 'isInterrupted', target: 'waiting' },
          { guard: 'isUnknown', actions: ['countFailure', 'wishUnreachable'] },
          { target: 'waiting', actions: 'countFailure' },
        ],
      },
    },
  },
} as const;

export const starting = {
  description: 'The build is let go on; it may say for a while that it is stopped.',
  tags: ['running'],
  entry: ['forgetFailures', 'forgetNext'],
  after: { deadline: { actions: 'wishDeadline' } },
  initial: 'asking',
  states: {
    asking: {
      on: { stop: { guard: 'wantsNothing', actions: 'wishStop' }, start: { guard: 'wantsStop', actions: 'forgetNext' } },
      invoke: {
        id: 'start', src: 'start', input: build,
        onDone: [
          { ...isUnwanted, actions: 'noteGeneration' },
          { guard: 'wantsStop', target: '#run.stopping', actions: 'noteGeneration' },
          { target: 'confirming', actions: 'noteGeneration' },
        ],
        onError: failed,
      },
      after: { callLimit: failed },
    },
    backingOff: { always: isUnwanted, on: { stop: { target: '#run.stopping', actions: 'askStop' }, start: { guard: 'isAskedByParent', actions: 'noteTells' } }, after: { retry: 'asking' } },
    confirming,
  },
} as const;
