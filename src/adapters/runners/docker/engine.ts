import { RetryableError, TerminalError } from '../../../kernel/errors.ts';

/** What the engine said to one call. A refusal has its HTTP status. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly message: string };

/** A call that is not about a build's own work takes no longer than this. */
const usualMs = 60_000;

/** @throws RetryableError `engine_unavailable` when the engine gives no answer at all, `engine_timeout`. */
export async function ask<T>(what: string, call: () => Promise<T>, withinMs = usualMs): Promise<Answer<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RetryableError('engine_timeout', `The Docker engine did not ${what} within ${withinMs} ms.`, { hint: 'Look at the engine: it may be stuck or overloaded.' })), withinMs);
  });
  try {
    return { ok: true, value: await Promise.race([call(), late]) };
  } catch (error) {
    if (error instanceof RetryableError || error instanceof TerminalError) throw error;
    const status = statusIn(error);
    if (status !== undefined) return { ok: false, status, message: messageIn(error) };
    throw new RetryableError('engine_unavailable', `The Docker engine could not ${what}: ${messageIn(error)}.`, { hint: 'Start it, or point DOCKER_HOST at one that runs.', cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** The value, or the refusal as an error. @throws RetryableError `engine_failed`, TerminalError `engine_refused`. */
export function must<T>(what: string, answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  const message = `The Docker engine refused to ${what} (${answer.status}): ${answer.message}.`;
  if (answer.status >= 500) throw new RetryableError('engine_failed', message);
  throw new TerminalError('engine_refused', message, { hint: 'The engine says what is wrong with the request.' });
}

function statusIn(error: unknown): number | undefined {
  const { statusCode } = error as { readonly statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}

function messageIn(error: unknown): string {
  const { json, message } = error as { readonly json?: { readonly message?: unknown } | null; readonly message?: unknown };
  const text = typeof json?.message === 'string' ? json.message : typeof message === 'string' ? message : String(error);
  return text.trim().slice(0, 500).replace(/\.$/, '');
}
