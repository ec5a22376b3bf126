/** A failure to come, as a running build says it. */
export interface Promised {
  /** The build's `run` actor, as `run/b42`. */
  readonly build: string;
  /** 1 to 255. */
  readonly exitStatus: number;
  /** Without secrets. */
  readonly reason?: string;
}

/**
 * What an upstream said. Refusals are final; their codes: `another_status` (`standing` is the one that won, where
 * the upstream tells), `not_running`, `unknown_build`, `promises_off`, `upstream_refused`. After `later` the same
 * declaration may succeed; `retryAfterMs` is the upstream's own wish.
 */
export type Declared =
  | { readonly verdict: 'accepted' }
  | { readonly verdict: 'refused'; readonly code: string; readonly message: string; readonly standing?: number }
  | { readonly verdict: 'later'; readonly code: string; readonly message: string; readonly retryAfterMs?: number };

/**
 * One who is told that a build will fail. Declaring the same promise again changes nothing and gets the same
 * answer. Never throws for what an upstream can say; what it throws is `later`, but for a TerminalError.
 */
export interface Declarer {
  readonly name: string;
  /** `key` is the same for every attempt of one promise. */
  declare(promised: Promised, key: string, signal: AbortSignal): Promise<Declared>;
}
