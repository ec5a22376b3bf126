import { RetryableError } from '../../../kernel/errors.ts';

/** Keeps requests back while the service does not want any. */
export interface Gate {
  /** @throws RetryableError `rate_limited`, with `retryAfterMs`, while requests are held back. */
  pass(): void;
  /** Looks at an answer's headers; how long to wait now, ms, if at all. */
  heed(status: number, headers: Headers): number | undefined;
}

/** A header that asks for more than this is not taken at its word. */
const longestMs = 15 * 60_000;

export function gate(now: () => number): Gate {
  let until = 0;
  return {
    pass() {
      const wait = until - now();
      if (wait > 0) throw new RetryableError('rate_limited', `Buildkite takes no requests for another ${wait} ms.`, { retryAfterMs: wait, hint: 'Poll less often, or ask Buildkite for a higher limit.' });
    },
    heed(status, headers) {
      const wait = waitIn(status, headers, now());
      if (wait !== undefined) until = Math.max(until, now() + wait);
      return wait;
    },
  };
}

/** Retry-After is the service's (or a proxy's) own word; without it a spent quota says when the next one begins. */
function waitIn(status: number, headers: Headers, now: number): number | undefined {
  const refused = status === 429 || status >= 500;
  const after = refused ? retryAfter(headers.get('retry-after'), now) : undefined;
  if (after !== undefined) return bounded(after);
  const resets = [['ratelimit-remaining', 'ratelimit-reset'], ['ratelimit-user-remaining', 'ratelimit-user-reset']] as const;
  const spent = resets.filter(([left]) => headers.get(left)?.trim() === '0').map(([, reset]) => seconds(headers.get(reset)));
  const waits = (status === 429 && spent.length === 0 ? resets.map(([, reset]) => seconds(headers.get(reset))) : spent).filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : bounded(Math.max(...waits));
}

function retryAfter(value: string | null, now: number): number | undefined {
  const plain = seconds(value);
  if (plain !== undefined || value === null) return plain;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

const seconds = (value: string | null): number | undefined => (value !== null && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) * 1000 : undefined);

const bounded = (wait: number): number => Math.min(Math.ceil(wait), longestMs);
