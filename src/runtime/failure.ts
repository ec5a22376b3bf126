import { MillraceError, RetryableError, type Failure } from '../kernel/errors.ts';

/**
 * An error as it goes into a record. Errors that say nothing of themselves are retryable: most of what
 * goes wrong with the outside world passes. What was aborted is `aborted`, whatever it threw.
 */
export function failureOf(error: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted === true) return { name: 'AbortError', code: 'aborted', message: messageOf(signal.reason ?? error), retryable: true };
  if (error instanceof MillraceError) {
    const { name, code, message, retryable, hint } = error;
    const retryAfterMs = error instanceof RetryableError ? error.retryAfterMs : undefined;
    return { name, code, message, retryable, ...(hint === undefined ? {} : { hint }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  const name = error instanceof Error ? error.name : 'Error';
  return { name, code: 'activity_failed', message: messageOf(error), retryable: true };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
