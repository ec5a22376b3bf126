import { recordedAt } from '../../kernel/recorded-at.ts';
import type { Outcome } from '../request/book.ts';
import type { Triggered } from './activities.ts';
import type { LastError, Promised, RunContext, Unwanted } from './context.ts';
import { endOfSample, endOfUnwanted, endUnconfirmed, endUntriggered, type End } from './ends.ts';
import { failureIn, outputIn, sampleIn } from './events.ts';
import { asks, outcomesAtEnd, outcomesAtOnce, overtaken, settles } from './requests.ts';

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

const withRequests = (given: Given, requests: RunContext['requests']): Given => ({ ...given, context: { ...given.context, requests } });
/** What was asked before and had not come about yet never will. */
const askStop = (given: Given) => asks('stop', withRequests(given, settles(given, { stop: overtaken('start'), start: overtaken('stop') }).requests));
const askStart = (given: Given) => asks('start', withRequests(given, settles(given, { stop: overtaken('start'), start: overtaken('stop') }).requests));

const wishes = {
  wishCancel: (given) => ({ ...unwanted(given.context, { because: 'cancel', reason: reasonIn(given.event) ?? 'cancelled' }), requests: asks('cancel', given).requests }),
  wishDeadline: ({ context }) => unwanted(context, { because: 'deadline', reason: `the deadline of ${context.deadlineMs} ms has passed` }),
  wishUnreachable: (given) => ({
    ...went(given, ''), ...unwanted(given.context, { because: 'unreachable', reason: `the runner could not be asked: ${failureIn(given.event).message}` }),
  }),
  wishStop: (given) => ({ next: 'stop', ...askStop(given) }),
  wishStart: (given) => ({ next: 'start', ...asks('start', given) }),
  askStop: (given) => askStop(given),
  askStart: (given) => askStart(given),
  noteTells: ({ event }) => ({ tells: (event as { readonly tell?: string }).tell ?? null }),
  settleAtOnce: (given) => settles(given, outcomesAtOnce(given.context)),
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

/** The failure of this record, else the one before: the wish for a start came while the stop waited to be repeated. */
function notStopped({ context, event }: Given): Outcome {
  const { code, message } = 'error' in (event as object) || context.lastError === null ? failureIn(event) : context.lastError;
  return { fail: `the build could not be stopped: ${message}`, code };
}

const pauses = {
  /** A stopped build's time rests. */
  restDeadline: (given) => ({ deadlineAt: null, leftMs: Math.max(0, (given.context.deadlineAt ?? 0) - recordedAt(given)) }),
  runDeadline: (given) => ({ deadlineAt: recordedAt(given) + (given.context.leftMs ?? 0), leftMs: null }),
  noteStopped: ({ event }) => ({ generation: generationIn(event), failures: 0, next: null, lastError: null }),
  noteGeneration: ({ event }) => ({ generation: Number(outputIn(event)), failures: 0 }),
  noteStarted: (given) => ({
    generation: generationIn(given.event), failures: 0, lastError: null, status: 'running',
    ...settles(given, { start: { complete: `the build runs, as generation ${generationIn(given.event)}` } }),
  }),
  /** A call to stop it has come back, and a start was asked for meanwhile. */
  settleStopped: (given) => settles(given, { stop: { complete: 'stopped, and started again as asked' } }),
  settleNotStopped: (given) => settles(given, { stop: notStopped(given) }),
  noteNotStopped: (given) => ({ failures: 0, next: null, ...went(given, 'the build could not be stopped: ') }),
  noteCannotPause: (given) => ({ next: null, ...settles(given, { stop: { fail: `the runner "${given.context.request.runner}" cannot stop a build and start it again; \`cancel\` ends it`, code: 'cannot_pause' } }) }),
  /** A start that led back here has failed, and the reason is known. */
  settleAtRest: (given) => settles(given, {
    stop: { complete: 'nothing of the build runs' },
    start: { fail: given.context.lastError?.message ?? 'the build did not go on', code: given.context.lastError?.code ?? 'not_started' },
  }),
  settleUnwanted: (given) => settles(given, {
    stop: { fail: `not stopped: ${given.context.unwanted?.reason ?? 'it is not wanted any more'}`, code: 'being_cancelled' },
    start: { fail: `not started: ${given.context.unwanted?.reason ?? 'it is not wanted any more'}`, code: 'being_cancelled' },
  }),
  settleWithdrawn: (given) => settles(given, { start: { complete: 'it had not been stopped yet, and goes on' } }),
  noteNotStarted: (given) => ({ failures: 0, next: null, ...went(given, 'the build could not be started again: ') }),
  noteGraceOver: (given) => ({
    failures: 0, next: null,
    ...error(given, 'start_not_confirmed', `the runner took the start, as generation ${given.context.generation}, and the build did not run within ${given.context.startGraceMs} ms`),
  }),
  noteStoppedElsewhere: (given) => ({ generation: generationIn(given.event), failures: 0, ...error(given, 'stopped_elsewhere', 'the build was stopped at the runner, not by Millrace') }),
  noteStartedElsewhere: (given) => ({ generation: generationIn(given.event), failures: 0, ...error(given, 'started_elsewhere', 'the build runs again, and Millrace did not start it') }),
} satisfies Record<string, Fold>;

const generationIn = (event: unknown): number => (outputIn(event) as { readonly generation: number }).generation;

/** How it ended settles what is still asked of it. */
const ended = (given: Given, end: End): Partial<RunContext> => ({ ...end, ...(end.ended === null ? {} : settles(given, outcomesAtEnd(end.ended))) });

const ends = {
  endUntriggered: (given) => ended(given, endUntriggered(given.context, failureIn(given.event))),
  endAsSampled: (given) => ended(given, endOfSample(given.context, sampleIn(given.event))),
  endAsWished: (given) => ended(given, endOfUnwanted(given.context, given.context.unwanted ?? nobody)),
  endUnconfirmed: (given) => ended(given, endUnconfirmed(given.context, given.context.unwanted ?? nobody)),
} satisfies Record<string, Fold>;

/** Every change of a run's context, by the name the chart uses. */
export const folds = { ...wishes, ...facts, ...pauses, ...ends };
