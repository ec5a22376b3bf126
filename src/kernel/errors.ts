/**
 * Every error Millrace raises on purpose. `code` is stable and may be matched by scripts; `message`
 * says what happened; `hint` says what to do next. Whether a retry can help is the type:
 * {@link RetryableError} or {@link TerminalError}.
 */
export abstract class MillraceError extends Error {
  abstract readonly retryable: boolean;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }
}

/** The same call may succeed later: a broker that is away, a conflict, a time-out. */
export class RetryableError extends MillraceError {
  readonly retryable = true;
  /** Milliseconds from now before which the service wants no other call: a rate limit. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown; retryAfterMs?: number } = {}) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The same call fails again for ever: bad input, an unknown state, a definition that cannot be durable. */
export class TerminalError extends MillraceError {
  readonly retryable = false;
}

/** An error as it stands in a record: plain JSON, so that its class survives a restart. */
export interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly hint?: string;
  /** Of a retryable error: no other call before so many milliseconds have passed. */
  readonly retryAfterMs?: number;
}
