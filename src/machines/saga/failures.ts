import { MillraceError, TerminalError, type Failure } from '../../kernel/errors.ts';

const failure = (retryable: boolean, code: string, message: string, hint?: string): Failure => ({
  name: retryable ? 'RetryableError' : 'TerminalError', code, message, retryable, ...(hint === undefined ? {} : { hint }),
});

export const stepTimeout = (step: string, ms: number): Failure =>
  failure(true, 'step_timeout', `step "${step}" ran longer than ${ms} ms and was aborted`, 'Raise its timeoutMs, or make its work shorter.');

export const badStepInput = (step: string, why: string): Failure =>
  failure(false, 'bad_step_input', `step "${step}" cannot begin: ${why}`, 'Make its needs match what the input and earlier steps give.');

export const badStepOutput = (step: string, why: string): Failure =>
  failure(false, 'bad_step_output', `step "${step}" gave something else than it declares: ${why}`, 'Return exactly what its gives schema describes, as plain JSON.');

export const badSkip = (step: string, why: string): Failure =>
  failure(false, 'bad_skip', `skipIf of step "${step}" threw: ${why}`, 'skipIf must be pure and answer a sentence or false.');

export const badOutput = (why: string): Failure =>
  failure(false, 'bad_saga_output', `the saga completed, but its output could not be made: ${why}`, 'output must be pure and return plain JSON.');

export const undoAbandoned = (step: string, why: string): Failure =>
  failure(false, 'undo_abandoned', `undo of step "${step}" failed and the rest of the undo was abandoned: ${why}`);

/** What an error event carries, as a Failure whatever it is. */
export function toFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  return failure(true, 'step_failed', messageOf(error));
}

/** What went wrong, for a sentence. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A definition that cannot become a saga. */
export const badSaga = (code: string, message: string, hint: string): TerminalError => new TerminalError(code, message, { hint });

function isFailure(error: unknown): error is Failure {
  if (error instanceof MillraceError || typeof error !== 'object' || error === null) return false;
  const { code, message, retryable } = error as Partial<Record<keyof Failure, unknown>>;
  return typeof code === 'string' && typeof message === 'string' && typeof retryable === 'boolean';
}
