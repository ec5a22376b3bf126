import { RetryableError, TerminalError, type MillraceError } from '../../../kernel/errors.ts';
import { gate } from './wait.ts';

export interface HttpOptions {
  /** Never part of an error or a log. */
  readonly token: string;
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** From the request to the last byte of the answer, ms. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

export interface Reply {
  readonly status: number;
  readonly json: unknown;
}

/** One call. An answer with a status in `expected`, or 2xx, comes back; every other one is an error. */
export type Http = (method: 'GET' | 'POST' | 'PUT', path: string, options?: { readonly body?: object; readonly expected?: readonly number[] }) => Promise<Reply>;

const maxBytes = 16 * 1024 * 1024;

/**
 * The rules: what is not JSON, and a redirect, is not Buildkite's word but a proxy's, and retryable; 408, 429 and 5xx but
 * for 501 and 505 are retryable; the network and time-outs too; every other status is final.
 */
export function http({ token, baseUrl, fetch: send, timeoutMs, now }: HttpOptions): Http {
  const held = gate(now);
  const base = baseUrl.replace(/\/+$/, '');
  const safe = (text: string): string => text.replaceAll(token, '***');
  return async (method, path, { body, expected = [] } = {}) => {
    held.pass();
    const what = `${method} ${path.split('?')[0] ?? path}`;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await send(`${base}${path}`, {
        method, signal, redirect: 'manual',
        headers: { authorization: `Bearer ${token}`, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const wait = held.heed(response.status, response.headers);
      const { status } = response;
      const json = parse(await textOf(response));
      if (retryableStatus(status)) throw later(status, `${what} was answered with ${status}${safe(messageIn(json))}.`, wait);
      if (json === undefined || isRedirect(status)) throw new RetryableError('buildkite_bad_answer', `${what} was answered with ${status} and ${json === undefined ? 'something that is not JSON' : 'a redirect'}.`, { hint: 'Look for a proxy between here and the base URL, and at the base URL itself.' });
      if ((status >= 200 && status < 300) || expected.includes(status)) return { status, json };
      throw refusal(status, `${what} was refused with ${status}${safe(messageIn(json))}.`);
    } catch (error) {
      if (error instanceof RetryableError || error instanceof TerminalError) throw error;
      if (signal.aborted) throw new RetryableError('buildkite_timeout', `${what} took longer than ${timeoutMs} ms.`, { hint: 'Buildkite or the way there is slow; it is asked again.' });
      throw new RetryableError('buildkite_unreachable', `${what} did not get through: ${safe(reasonOf(error))}.`, { hint: 'Check the base URL and the network.' });
    }
  };
}

const retryableStatus = (status: number): boolean => status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);

/** Never followed: the token is not for others. Buildkite sends none, so it is a proxy's, or the base URL is wrong. */
const isRedirect = (status: number): boolean => status >= 300 && status < 400;

const later = (status: number, message: string, wait: number | undefined): RetryableError => {
  const code = status === 429 ? 'rate_limited' : 'buildkite_unavailable';
  return new RetryableError(code, message, wait === undefined ? {} : { retryAfterMs: wait });
};

function refusal(status: number, message: string): MillraceError {
  if (status === 401) return new TerminalError('buildkite_unauthorized', message, { hint: 'Give an API access token that is valid.' });
  if (status === 403) return new TerminalError('buildkite_forbidden', message, { hint: 'The token needs read_builds and write_builds, and access to this organization and pipeline.' });
  if (status === 404) return new TerminalError('buildkite_not_found', message, { hint: 'Check the slugs of organization and pipeline, and that the token may see them.' });
  return new TerminalError('buildkite_refused', message, { hint: 'Buildkite says what is wrong with the request.' });
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new RetryableError('buildkite_bad_answer', `The answer is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined for what is no JSON object or list. */
function parse(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function messageIn(json: unknown): string {
  const { message } = (json ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? `: ${message.slice(0, 300)}` : '';
}

/** `fetch failed` says nothing; its cause does. */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
};
