import { isPending } from '../request/book.ts';
import { isMoving, type Look, type Triggered } from './activities.ts';
import type { Promised, RunContext } from './context.ts';
import { failureIn, outputIn, sampleIn } from './events.ts';
import { isTerminal } from './runner.ts';
import { cancelBudget, failureBudget } from './timing.ts';

interface Given {
  readonly context: RunContext;
  readonly event: unknown;
}

const lookIn = ({ event }: Given): Look => outputIn(event) as Look;
const promisedIn = ({ event }: Given): number => (event as Promised).exitStatus;

/** What the chart asks before it moves, by name. */
export const guards = {
  isUnwanted: ({ context }: Given) => context.unwanted !== null,
  isSignalled: ({ context }: Given) => context.signalled && context.failures === 0,
  isOver: ({ event }: Given) => isTerminal(sampleIn(event).status),
  mayRetry: ({ context, event }: Given) => failureIn(event).retryable && context.failures + 1 < failureBudget,
  isUnknown: ({ event }: Given) => failureIn(event).code === 'unknown_build',
  /** Ended between two calls, because a signal came. */
  isInterrupted: ({ context, event }: Given) => context.signalled && failureIn(event).code === 'aborted',
  mayRetryCancel: ({ context, event }: Given) => failureIn(event).retryable && context.asks + 1 < cancelBudget,
  mayAskAgain: ({ context }: Given) => context.asks < cancelBudget,
  /** Nobody's cancel is under way. */
  isCancellable: ({ context }: Given) => context.ended === null && !isPending(context.requests, 'cancel'),
  /** Without a parent the command's data is not looked at: `stop` is not offered where nobody may ask it. */
  isAskedByParent: ({ context, event }: Given) => context.isChild && (event as { readonly tell?: string }).tell !== undefined,
  /** Its build is known now: it is stopped as was asked before. */
  stopsNow: (given: Given) => given.context.next === 'stop' && (outputIn(given.event) as Triggered).pausable,
  isPausable: ({ context }: Given) => context.pausable,
  wantsStop: ({ context }: Given) => context.next === 'stop',
  wantsStart: ({ context }: Given) => context.next === 'start',
  wantsNothing: ({ context }: Given) => context.next === null,
  /** It goes on, in the generation that was started last or a later one. */
  isMoving: (given: Given) => isMoving(lookIn(given), given.context.generation),
  /** A later generation than was started here, and it stands still: somebody else started and stopped it. */
  isStoppedElsewhere: (given: Given) => lookIn(given).state === 'stopped' && lookIn(given).generation > given.context.generation,
  isFirstPromise: ({ context }: Given) => context.ended === null && context.promised === null,
  isSamePromise: (given: Given) => given.context.ended === null && given.context.promised?.exitStatus === promisedIn(given),
  isOpen: ({ context }: Given) => context.ended === null,
  isGivenUp: ({ context }: Given) => context.givenUp !== null,
};
