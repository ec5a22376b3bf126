import { redact } from '../../../kernel/redact.ts';
import type { Declared, Declarer } from '../../../machines/promise/declarer.ts';
import { messageIn } from './message.ts';
import { retryAfter } from './retry-after.ts';

export interface BuildkiteDeclarerOptions {
  /** The agent API, as `https://agent.buildkite.com/v3`. */
  readonly endpoint: string;
  /** The Buildkite job this worker runs in. */
  readonly job: string;
  /** That job's own token: no other may speak for it. Never part of a message or a log. */
  readonly token: string;
  readonly fetch?: typeof fetch;
  /** From the request to the end of the answer, ms. Default 10,000. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/**
 * Buildkite's `PUT jobs/{id}/promise_failure`. Exactly 204 is success: a proxy's page with 200 is none. 404, 409, 422
 * and every other 4xx but 408 and 429 are final; everything else is `later`.
 */
export function buildkiteDeclarer({ endpoint, job, token, fetch: send = fetch, timeoutMs = 10_000, now = Date.now }: BuildkiteDeclarerOptions): Declarer {
  const url = `${endpoint.replace(/\/+$/, '')}/jobs/${encodeURIComponent(job)}/promise_failure`;
  const safe = (text: string): string => redact(text, [token]);

  const call = async (body: object, aborted: AbortSignal): Promise<Declared> => {
    const response = await send(url, {
      method: 'PUT', redirect: 'manual', signal: AbortSignal.any([aborted, AbortSignal.timeout(timeoutMs)]),
      headers: { authorization: `Token ${token}`, accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { status } = response;
    const said = safe(await messageIn(response));
    if (status === 204) return { verdict: 'accepted' };
    const code = finalCode(status);
    const message = `${words[code ?? ''] ?? `Buildkite answered with ${status}`}${said === '' ? '' : `: ${said}`}`;
    if (code !== undefined) return { verdict: 'refused', code, message };
    const wait = retryAfter(response.headers.get('retry-after'), now());
    return { verdict: 'later', code: status === 429 ? 'rate_limited' : 'upstream_unavailable', message, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  };

  return {
    name: 'buildkite',
    async declare({ exitStatus, reason }, _key, signal) {
      try {
        return await call({ exit_status: exitStatus, ...(reason === undefined ? {} : { reason }) }, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        return { verdict: 'later', code: 'upstream_unreachable', message: `Buildkite could not be reached: ${safe(reasonOf(error))}` };
      }
    },
  };
}

const words: Readonly<Record<string, string>> = {
  promises_off: 'Buildkite does not take promised failures here (404)',
  another_status: 'the Buildkite job has already promised another exit status (409)',
  not_running: 'the Buildkite job is not running (422)',
};

/** Undefined for what may be otherwise the next time. */
function finalCode(status: number): string | undefined {
  if (status === 404) return 'promises_off';
  if (status === 409) return 'another_status';
  if (status === 422) return 'not_running';
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? 'upstream_refused' : undefined;
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
