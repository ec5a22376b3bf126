/** Where jobs ask on the socket: `POST`, with their credential as bearer token. */
export const route = '/v1/promise-failure';

/** How a promise ended, once for all. */
export interface Verdict {
  readonly verdict: 'accepted' | 'refused' | 'lost';
  readonly code?: string;
  readonly message?: string;
  /** The exit status that stands instead. */
  readonly standing?: number;
}

/**
 * What a caller is told. `declared`: this call made the promise; `debounced`: an earlier one did; `unknown`: there is
 * no verdict yet, and declaring goes on without the caller.
 */
export interface Told {
  readonly outcome: 'declared' | 'debounced' | 'unknown';
  readonly accepted: boolean;
  /** Only when not accepted. */
  readonly code?: string;
  readonly message?: string;
  readonly standing?: number;
}

/** What went wrong with the asking itself, in an answer. */
export interface Fault {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

export const unknown = (message: string): Told => ({ outcome: 'unknown', accepted: false, code: 'no_verdict_yet', message });
