import { recordedAt, recordedCause } from '../../kernel/recorded-at.ts';
import type { ControlRequest } from '../../kernel/request.ts';
import { after } from './chart.ts';

type Book = readonly ControlRequest[];

/** How many settled requests an actor remembers; all of them are in its log. */
const remembered = 8;

/** What a chart is given of the record it folds. */
export interface Asking {
  readonly event: unknown;
  readonly self: unknown;
}

/** Enters the request that the command of this record makes. */
export function entered(book: Book, command: string, counts: Readonly<Record<string, number>>, asking: Asking): Book {
  const { by, signedBy, reason } = asking.event as { readonly by?: string; readonly signedBy?: string; readonly reason?: string };
  const request: ControlRequest = {
    id: recordedCause(asking), command, ...(by === undefined ? {} : { by }), ...(signedBy === undefined ? {} : { signedBy }), ...(reason === undefined ? {} : { reason }),
    at: recordedAt(asking), state: 'pending', counts,
  };
  const settled = book.filter(({ state }) => state !== 'pending').slice(-remembered);
  return [...book.filter((one) => one.state === 'pending' || settled.includes(one)), request];
}

/** What a record does to a pending request: nothing (undefined), a word of why it still pends, or its end. */
export type Outcome =
  | { readonly pends: string }
  | { readonly complete: string }
  | { readonly fail: string; readonly code: string };

/** Settles what the record at `at` settles. The same book when that is nothing. */
export function settled(book: Book, at: number, outcomeOf: (request: ControlRequest) => Outcome | undefined): Book {
  let changed = false;
  const next = book.map((request) => {
    const outcome = request.state === 'pending' ? outcomeOf(request) : undefined;
    if (outcome === undefined) return request;
    changed = true;
    return withOutcome(request, at, outcome);
  });
  return changed ? next : book;
}

function withOutcome(request: ControlRequest, at: number, outcome: Outcome): ControlRequest {
  if ('pends' in outcome) return { ...request, detail: outcome.pends };
  if ('complete' in outcome) return { ...request, state: after(request.state, 'complete'), settledAt: at, detail: outcome.complete };
  return { ...request, state: after(request.state, 'fail'), settledAt: at, detail: outcome.fail, code: outcome.code };
}

/** Is such a request under way? */
export const isPending = (book: Book, command: string): boolean => book.some((request) => request.command === command && request.state === 'pending');
