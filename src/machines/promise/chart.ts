import { assign, setup, type AnyStateMachine } from 'xstate';
import { redact } from '../../kernel/redact.ts';
import { promiseActivities, type PromisePorts } from './activities.ts';
import { graceMs, untilNextAttempt } from './backoff.ts';
import { attemptIn, failureIn, firstContext, lost, refusedBy, type PromiseContext } from './context.ts';

/** One attempt; where it leads when nothing is settled is for the state around it to say. */
const attempt = (id: string, later: string) => ({
  invoke: {
    id, src: 'declare', input: ({ context }: { readonly context: PromiseContext }) => context.declares,
    onDone: [
      { guard: 'isAccepted', target: '#promise.accepted', actions: 'endAccepted' },
      { guard: 'isRefused', target: '#promise.refused', actions: 'endRefused' },
      { guard: 'isOver', target: '#promise.flushing', actions: 'noteLater' },
      { target: later, actions: 'noteLater' },
    ],
    // The code could not run at all: that says nothing of the upstream.
    onError: [{ target: later, actions: 'noteBroken' }],
  },
}) as const;

/** The chart of one promised failure: one build, one exit status. */
export function promiseChart(ports: PromisePorts): AnyStateMachine {
  return setup({
    types: { context: {} as PromiseContext },
    actors: promiseActivities(ports),
    delays: { backoff: ({ context }) => untilNextAttempt(context), grace: graceMs },
    guards: {
      isAccepted: ({ event }) => attemptIn(event).verdict === 'accepted',
      isRefused: ({ event }) => attemptIn(event).verdict === 'refused',
      // The grace begins once.
      isOver: ({ context, event }) => attemptIn(event).over === true && !context.over,
    },
    actions: {
      noteLater: assign(({ context, event }) => {
        const attempted = attemptIn(event);
        if (attempted.verdict !== 'later') return {};
        const { code, message, retryAfterMs = null, over = false } = attempted;
        return { failures: context.failures + 1, trouble: { code, message: redact(message) }, retryAfterMs, over: context.over || over };
      }),
      noteOver: assign({ over: true }),
      noteBroken: assign(({ context, event }) => {
        const { code, message } = failureIn(event);
        return { failures: context.failures + 1, trouble: { code, message: redact(message) }, retryAfterMs: null };
      }),
      endAccepted: assign({ ended: { status: 'completed', verdict: 'accepted' } as const }),
      endRefused: assign(({ event }) => ({ ended: refusedBy(attemptIn(event)) })),
      endLost: assign(({ context }) => ({ ended: lost(context) })),
    },
  }).createMachine({
    id: 'promise',
    description: 'A failure to come, declared upstream once, however many callers promise it.',
    context: ({ input }) => firstContext(input),
    output: ({ context }) => context.ended,
    initial: 'declaring',
    states: {
      declaring: { description: 'The first caller\'s declaration is on its way; later callers wait for it.', tags: ['running'], ...attempt('declare', 'absent') },
      absent: {
        description: 'The upstream could not be reached; it is tried again, however many callers there are.',
        tags: ['waiting'],
        after: { backoff: 'declaringAgain' },
        // The end of the build begins the grace at once, not at the next attempt.
        invoke: { id: 'watch-build', src: 'watchBuild', input: ({ context }) => context.declares, onDone: { target: 'flushing', actions: 'noteOver' }, onError: {} },
      },
      declaringAgain: { description: 'One background attempt.', tags: ['running'], ...attempt('declare-again', 'absent') },
      flushing: {
        description: 'The build has ended while the promise was pending; it is tried for a last while.',
        after: { grace: { target: 'lost', actions: 'endLost' } },
        initial: 'absent',
        states: {
          absent: { tags: ['waiting'], after: { backoff: 'declaring' } },
          declaring: { tags: ['running'], ...attempt('declare-last', 'absent') },
        },
      },
      accepted: { type: 'final', description: 'The upstream knows.' },
      refused: { type: 'final', description: 'The upstream will never take it.' },
      lost: { type: 'final', description: 'The upstream never heard of it.' },
    },
  });
}
