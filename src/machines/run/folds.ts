import { recordedAt } from '../../kernel/recorded-at.ts';
import type { Triggered } from './activities.ts';
import type { LastError, Promised, RunContext, Unwanted } from './context.ts';
import { endOfSample, endOfUnwanted, endUnconfirmed, endUntriggered } from './ends.ts';
import { failureIn, outputIn, sampleIn } from './events.ts';

/** What a record does to the context. */
interface Given {
  readonly context: RunContext;
  readonly event: unknown;
  readonly self: unknown;
}
type Fold = (given: Given) => Partial<RunContext>;

const reasonIn = (event: unknown): string | undefined => (event as { readonly reason?: string }).reason;
const nobody: Unwanted = { because: 'cancel', reason: 'not wanted any more' };
const unwanted = ({ unwanted: first }: RunContext, later: Unwanted): Partial<RunContext> => ({ unwanted: first ?? later });
const error = (given: Given, code: string, message: string): { readonly lastError: LastError } => ({ lastError: { code, message, at: recordedAt(given) } });
const went = (given: Given, what: string): { readonly lastError: LastError } => {
  const { code, message } = failureIn(given.event);
  return error(given, code, `${what}${message}`);
};

const wishes = {
  wishCancel: ({ context, event }) => unwanted(context, { because: 'cancel', reason: reasonIn(event) ?? 'cancelled' }),
  wishDeadline: ({ context }) => unwanted(context, { because: 'deadline', reason: `the deadline of ${context.deadlineMs} ms has passed` }),
  wishUnreachable: (given) => ({
    ...went(given, ''), ...unwanted(given.context, { because: 'unreachable', reason: `the runner could not be asked: ${failureIn(given.event).message}` }),
  }),
  wishStop: () => ({ next: 'stop' }),
  wishStart: () => ({ next: 'start' }),
  forgetNext: () => ({ next: null }),
  // The first one stands.
  notePromise: ({ context, event }) => {
    const { exitStatus, reason } = event as Promised;
    return { promised: context.promised ?? { exitStatus, ...(reason === undefined ? {} : { reason }) } };
  },
} satisfies Record<string, Fold>;

const facts = {
  noteBuild: ({ event }) => {
    const { buildId, pausable } = outputIn(event) as Triggered;
    return { buildId, pausable, status: 'accepted', failures: 0 };
  },
  noteSample: ({ context, event }) => {
    const { status, metadata } = sampleIn(event);
    return { status, url: metadata.url ?? context.url, failures: 0 };
  },
  noteSignal: () => ({ signalled: true }),
  forgetSignal: () => ({ signalled: false }),
  countFailure: (given) => ({ failures: given.context.failures + 1, wishedMs: failureIn(given.event).retryAfterMs ?? 0, ...went(given, '') }),
  forgetFailures: () => ({ failures: 0 }),
  countAsk: ({ context }) => ({ asks: context.asks + 1 }),
} satisfies Record<string, Fold>;

const pauses = {
  /** A stopped build's time rests. */
  restDeadline: (given) => ({ deadlineAt: null, leftMs: Math.max(0, (given.context.deadlineAt ?? 0) - recordedAt(given)) }),
  runDeadline: (given) => ({ deadlineAt: recordedAt(given) + (given.context.leftMs ?? 0), leftMs: null }),
  noteStopped: ({ event }) => ({ generation: generationIn(event), failures: 0, next: null, lastError: null }),
  noteGeneration: ({ event }) => ({ generation: Number(outputIn(event)), failures: 0 }),
  noteStarted: ({ event }) => ({ generation: generationIn(event), failures: 0, lastError: null, status: 'running' }),
  noteNotStopped: (given) => ({ failures: 0, next: null, ...went(given, 'the build could not be stopped: ') }),
  noteNotStarted: (given) => ({ failures: 0, next: null, ...went(given, 'the build could not be started again: ') }),
  noteGraceOver: (given) => ({
    failures: 0, next: null,
    ...error(given, 'start_not_confirmed', `the runner took the start, as generation ${given.context.generation}, and the build did not run within ${given.context.startGraceMs} ms`),
  }),
  noteStoppedElsewhere: (given) => ({ generation: generationIn(given.event), failures: 0, ...error(given, 'stopped_elsewhere', 'the build was stopped at the runner, not by Millrace') }),
  noteStartedElsewhere: (given) => ({ generation: generationIn(given.event), failures: 0, ...error(given, 'started_elsewhere', 'the build runs again, and Millrace did not start it') }),
} satisfies Record<string, Fold>;

const generationIn = (event: unknown): number => (outputIn(event) as { readonly generation: number }).generation;

const ends = {
  endUntriggered: ({ context, event }) => endUntriggered(context, failureIn(event)),
  endAsSampled: ({ context, event }) => endOfSample(context, sampleIn(event)),
  endAsWished: ({ context }) => endOfUnwanted(context, context.unwanted ?? nobody),
  endUnconfirmed: ({ context }) => endUnconfirmed(context, context.unwanted ?? nobody),
} satisfies Record<string, Fold>;

/** Every change of a run's context, by the name the chart uses. */
export const folds = { ...wishes, ...facts, ...pauses, ...ends };
