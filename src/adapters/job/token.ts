import { TerminalError } from '../../kernel/errors.ts';
import type { JobKey } from './key.ts';

/** What a job's credential says. */
export interface JobClaims {
  /** The run actor it may speak for, as `run/b42`. */
  readonly build: string;
  /** The subject prefix of its workers. */
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

const kind = 'mrj1';
const utf8 = new TextEncoder();

/** `mrj1.<claims>.<signature>`, both base64url; an Ed25519 signature over all that is before it. */
export function makeToken({ pair }: JobKey, claims: JobClaims): string {
  const signed = `${kind}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${Buffer.from(pair.sign(utf8.encode(signed))).toString('base64url')}`;
}

/** Tokens a key has signed, as was found out: a job brings the same one thousands of times, and a signature takes milliseconds. */
const known = new WeakMap<JobKey['pair'], Map<string, JobClaims>>();
const remembered = 1000;

/** @throws TerminalError `bad_credential`: not one of this key's, or too old. Its text never holds the token. */
export function readToken({ pair }: Pick<JobKey, 'pair'>, token: string, now: number): JobClaims {
  const tokens = known.get(pair) ?? new Map<string, JobClaims>();
  known.set(pair, tokens);
  const claims = tokens.get(token) ?? verified(pair, token);
  tokens.set(token, claims);
  const [oldest] = tokens.keys();
  if (tokens.size > remembered && oldest !== undefined) tokens.delete(oldest);
  if (claims.expires <= now) throw new TerminalError('bad_credential', `the credential of ${claims.build} has expired`, { hint: 'a job that ran so long cannot promise any more' });
  return claims;
}

function verified(pair: JobKey['pair'], token: string): JobClaims {
  const end = token.lastIndexOf('.');
  const claims = claimsIn(token);
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  if (claims !== undefined && signature.length === 64 && pair.verify(utf8.encode(token.slice(0, end)), signature)) return claims;
  throw new TerminalError('bad_credential', 'the job\'s credential is not one that this worker gave', { hint: 'use MILLRACE_JOB_TOKEN as the job got it' });
}

/** What a token says, whether or not it is true: for the job itself. */
export function claimsIn(token: string): JobClaims | undefined {
  const [is, body, signature, ...rest] = token.split('.');
  if (is !== kind || body === undefined || signature === undefined || rest.length > 0) return undefined;
  try {
    const { build, prefix, expires } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Partial<JobClaims>;
    const sound = typeof build === 'string' && /^run\/[A-Za-z0-9_-]+$/.test(build) && typeof prefix === 'string' && typeof expires === 'number';
    return sound ? { build, prefix, expires } : undefined;
  } catch {
    return undefined;
  }
}
