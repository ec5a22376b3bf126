import type { BuildRef } from './activities.ts';
import type { RunContext } from './context.ts';

/** The build that is being watched: there is one in every state but `triggering`. */
const watched = ({ context }: { readonly context: RunContext }): BuildRef => ({ runner: context.request.runner, buildId: context.buildId ?? '' });

/** A trigger that may have reached the runner is repeated under the same key until its build is known: none is left unwatched. */
export const triggering = {
  tags: ['running'],
  initial: 'calling',
  states: {
    calling: {
      invoke: {
        id: 'trigger', src: 'trigger', input: ({ context }: { readonly context: RunContext }) => context.request,
        onDone: { target: '#run.polling', actions: 'noteBuild' },
        onError: [
          { guard: 'mayRetry', target: 'backingOff', actions: 'countFailure' },
          { target: '#run.ended', actions: 'endUntriggered' },
        ],
      },
    },
    backingOff: { after: { triggerBackoff: 'calling' } },
  },
} as const;

export const polling = {
  tags: ['running'],
  always: { guard: 'isUnwanted', target: 'cancelling' },
  initial: 'waiting',
  states: {
    waiting: {
      // News is looked at at once, but never faster than the back-off of a runner that is away.
      always: { guard: 'isSignalled', target: 'checking' },
      after: { nextCheck: 'checking' },
    },
    checking: {
      entry: 'forgetSignal',
      invoke: {
        id: 'status', src: 'status', input: watched,
        onDone: [
          { guard: 'isOver', target: '#run.ended', actions: 'endAsSampled' },
          { target: 'waiting', actions: 'noteSample' },
        ],
        onError: [
          { guard: 'mayRetry', target: 'waiting', actions: 'countFailure' },
          { actions: 'wishUnreachable' },
        ],
      },
    },
  },
} as const;

export const cancelling = {
  tags: ['stopping'],
  entry: 'forgetFailures',
  after: { cancelGrace: { target: 'ended', actions: 'endUnconfirmed' } },
  initial: 'asking',
  states: {
    asking: {
      invoke: {
        id: 'cancel', src: 'cancel', input: watched,
        onDone: { target: 'watching', actions: 'countAsk' },
        onError: [
          { guard: 'isUnknown', target: '#run.ended', actions: 'endAsWished' },
          { guard: 'mayRetryCancel', target: 'backingOff', actions: 'countAsk' },
          { target: 'watching', actions: 'countAsk' },
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
          invoke: {
            id: 'last-status', src: 'status', input: watched,
            onDone: [
              { guard: 'isOver', target: '#run.ended', actions: 'endAsSampled' },
              { target: 'waiting', actions: 'noteSample' },
            ],
            onError: [
              { guard: 'isUnknown', target: '#run.ended', actions: 'endAsWished' },
              { target: 'waiting', actions: 'countFailure' },
            ],
          },
        },
      },
    },
  },
} as const;
