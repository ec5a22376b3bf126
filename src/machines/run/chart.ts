import { assign, setup, type AnyStateMachine } from 'xstate';
import { runActivities, type RunPorts } from './activities.ts';
import { backoff, cancelBudget, failureBudget, failureIn, firstContext, untilNextAsk, untilNextCheck, type RunContext, type RunEvent, type Unwanted } from './context.ts';
import { endOfSample, endOfUnwanted, endUnconfirmed, endUntriggered } from './ends.ts';
import { isTerminal, type RunSample } from './runner.ts';
import { cancelling, polling, triggering } from './states.ts';

const outputIn = (event: unknown): unknown => (event as { readonly output: unknown }).output;
const sampleIn = (event: unknown): RunSample => outputIn(event) as RunSample;
const nobody: Unwanted = { because: 'cancel', reason: 'not wanted any more' };

/** The chart of one build at a runner. */
export function runChart(ports: RunPorts): AnyStateMachine {
  const unwanted = ({ unwanted: first }: RunContext, later: Unwanted): Partial<RunContext> => ({ unwanted: first ?? later });
  return setup({
    types: { context: {} as RunContext, events: {} as RunEvent },
    actors: runActivities(ports),
    delays: {
      deadline: ({ context }) => context.deadlineMs,
      cancelGrace: ({ context }) => context.cancelGraceMs,
      triggerBackoff: ({ context }) => backoff(context.failures),
      nextCheck: ({ context }) => untilNextCheck(context),
      cancelBackoff: ({ context }) => backoff(context.asks),
      nextAsk: ({ context }) => untilNextAsk(context),
    },
    guards: {
      isUnwanted: ({ context }) => context.unwanted !== null,
      isHealthy: ({ context }) => context.failures === 0,
      isSignalled: ({ context }) => context.signalled && context.failures === 0,
      isOver: ({ event }) => isTerminal(sampleIn(event).status),
      mayRetry: ({ context, event }) => failureIn(event).retryable && context.failures + 1 < failureBudget,
      isUnknown: ({ event }) => failureIn(event).code === 'unknown_build',
      mayRetryCancel: ({ context, event }) => failureIn(event).retryable && context.asks + 1 < cancelBudget,
      mayAskAgain: ({ context }) => context.asks < cancelBudget,
    },
    actions: {
      wishCancel: assign(({ context, event }) =>
        unwanted(context, { because: 'cancel', reason: event.type === 'cancel' ? (event.reason ?? 'cancelled') : 'cancelled' })),
      wishDeadline: assign(({ context }) =>
        unwanted(context, { because: 'deadline', reason: `the deadline of ${context.deadlineMs} ms has passed` })),
      wishUnreachable: assign(({ context, event }) =>
        unwanted(context, { because: 'unreachable', reason: `the runner could not be asked: ${failureIn(event).message}` })),
      noteBuild: assign(({ event }) => ({ buildId: String(outputIn(event)), status: 'accepted' as const, failures: 0 })),
      noteSample: assign(({ event }) => ({ status: sampleIn(event).status, failures: 0 })),
      noteSignal: assign({ signalled: true }),
      forgetSignal: assign({ signalled: false }),
      countFailure: assign(({ context }) => ({ failures: context.failures + 1 })),
      forgetFailures: assign({ failures: 0 }),
      countAsk: assign(({ context }) => ({ asks: context.asks + 1 })),
      endUntriggered: assign(({ context, event }) => ({ ended: endUntriggered(context, failureIn(event)) })),
      endAsSampled: assign(({ context, event }) => ({ ended: endOfSample(context, sampleIn(event)) })),
      endAsWished: assign(({ context }) => ({ ended: endOfUnwanted(context, context.unwanted ?? nobody) })),
      endUnconfirmed: assign(({ context }) => ({ ended: endUnconfirmed(context, context.unwanted ?? nobody) })),
    },
  }).createMachine({
    id: 'run',
    description: 'One build at a runner: started once, asked until it has ended, stopped when it is not wanted any more.',
    context: ({ input }) => firstContext(input),
    output: ({ context }) => context.ended,
    initial: 'triggering',
    // Both only state a wish: where the build is known, the state that watches it acts on it.
    on: { cancel: { actions: 'wishCancel' }, signal: { actions: 'noteSignal' } },
    after: { deadline: { actions: 'wishDeadline' } },
    states: { triggering, polling, cancelling, ended: { type: 'final' } },
  });
}
