/** A build at a backend. Only a runner makes one. */
export type BuildId = string & { readonly __buildId: unique symbol };

/** One change, applied in order. `source:<sha256>` is a staged source archive. */
export interface Change {
  readonly uri: string;
}

export type Metadata = Readonly<Record<string, string>>;

export interface TriggerRequest {
  /** Assumed good; applied first. */
  readonly base: readonly Change[];
  /** What is being verified. */
  readonly head: readonly Change[];
  /** Free-form, round-trips through `status`. Each runner documents the keys it understands. */
  readonly metadata: Metadata;
  /** The same key never starts a second build: the first one's id is returned. */
  readonly idempotencyKey: string;
}

/** `unknown` is what cannot be read yet: the poll goes on. The last three are terminal. */
export type RunStatus = 'unknown' | 'accepted' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface RunSample {
  readonly status: RunStatus;
  /** What was given to `trigger`, and what the backend knows: `artifact` (sha256), `exitCode`, `durationMs`, `failedSide`, `reason`. */
  readonly metadata: Metadata;
  readonly progress?: { readonly percent?: number; readonly message?: string };
}

/**
 * A backend that executes builds. Concurrent-safe, holds no state that a restart would lose.
 * Errors are RetryableError (the backend is away) or TerminalError (it will never work).
 */
export interface BuildRunner {
  readonly name: string;
  /** Prompt; the work is asynchronous. */
  trigger(request: TriggerRequest): Promise<BuildId>;
  /** May be slow. @throws TerminalError `unknown_build`. */
  status(id: BuildId): Promise<RunSample>;
  /** Resolves when the request has reached the backend; harmless on a build that has ended. @throws TerminalError `unknown_build`. */
  cancel(id: BuildId): Promise<void>;
}

export const isTerminal = (status: RunStatus): boolean =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled';
