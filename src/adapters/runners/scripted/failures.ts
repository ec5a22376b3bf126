import { RetryableError, TerminalError, type MillraceError } from '../../../kernel/errors.ts';
import type { Step } from './script.ts';

/** The error a step stands for, if it stands for one: by the rules every HTTP backend here goes by. */
export function failureOf({ word, about }: Step): MillraceError | undefined {
  switch (word) {
    case '!retry': return retry(about);
    case '!terminal': return new TerminalError(about || 'scripted_refusal', 'the script says that this call fails for ever');
    case '!404': return unknownBuild('of this script');
    case 'lost': return http(502);
    default: return word.startsWith('!') ? http(Number(word.slice(1))) : undefined;
  }
}

/** `!retry(2)` also says that it makes no sense before two seconds from now, as a rate limit does. */
function retry(about: string): MillraceError {
  const message = 'the script says that this call fails and may be repeated';
  if (!/^\d+$/.test(about)) return new RetryableError(about || 'scripted_failure', message);
  return new RetryableError('rate_limited', message, { retryAfterMs: Number(about) * 1000 });
}

const passing = (code: number): boolean => code === 408 || code === 429 || (code >= 500 && code !== 501 && code !== 505);

function http(code: number): MillraceError {
  const message = `the scripted backend answered ${code}`;
  return passing(code) ? new RetryableError(`http_${code}`, message) : new TerminalError(`http_${code}`, message);
}

export const unknownBuild = (id: string): TerminalError =>
  new TerminalError('unknown_build', `the scripted backend has no build ${JSON.stringify(id)}`, { hint: 'use an id that its trigger returned' });
