import { z } from 'zod';
import { RetryableError, TerminalError, type MillraceError } from '../../../kernel/errors.ts';
import type { Called } from './call.ts';

const failure = z.object({
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean().default(true), hint: z.string().optional() }),
});

/** Which backend was asked what, for its errors. */
export interface Asked {
  readonly name: string;
  readonly verb: string;
  readonly program: string;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

/**
 * What the program answered, or what it said went wrong. The rule: only the program itself can say that
 * something will never work, and only a program that cannot be started has certainly started nothing.
 * Everything else is retryable, because a build may have been started, and a retry under the same key
 * finds it again.
 */
export function answerOf<T>(schema: z.ZodType<T>, called: Called, asked: Asked): T {
  const broken = (code: string, what: string, hint: string): RetryableError =>
    new RetryableError(code, `${title(asked)} ${what}${lastWords(called)}`, { hint });
  switch (called.how) {
    case 'not_spawned': throw notSpawned(called, asked);
    case 'timeout': throw broken('exec_timeout', `took longer than ${asked.timeoutMs} ms and was killed with its process group.`, 'Answer at once and leave the work to a process that is detached, or raise timeoutMs.');
    case 'too_large': throw broken('exec_answer_too_large', `wrote more than ${asked.maxOutputBytes} bytes to stdout and was killed.`, 'Write one JSON object to stdout, and everything else elsewhere.');
    case 'signal': throw broken('exec_killed', `was ended by ${called.detail ?? 'a signal'}.`, 'Look into its own log for why.');
    case 'exited': break;
  }
  const json = jsonIn(called.stdout);
  const failed = failure.safeParse(json);
  if (failed.success) throw said(failed.data.error);
  if (called.exitCode !== 0) throw broken('exec_failed', `ended with exit code ${called.exitCode ?? 'unknown'} and no error object.`, 'Answer {"error":{"code","message","retryable"}} on stdout when a call fails.');
  if (json === undefined) throw broken('exec_bad_answer', `wrote something to stdout that is not JSON: ${short(called.stdout)}.`, 'Write one JSON object to stdout, and logs to stderr.');
  const answer = schema.safeParse(json);
  if (answer.success) return answer.data;
  throw broken('exec_bad_answer', `answered with JSON of another shape: ${short(called.stdout)}.`, z.prettifyError(answer.error));
}

function said({ code, message, retryable, hint }: z.output<typeof failure>['error']): MillraceError {
  const name = /^[a-z][a-z0-9_]*$/.test(code) ? code : 'exec_backend_error';
  const options = hint === undefined ? {} : { hint };
  // A build that is not there will not come.
  return retryable && name !== 'unknown_build' ? new RetryableError(name, message, options) : new TerminalError(name, message, options);
}

function notSpawned({ detail = 'unknown' }: Called, asked: Asked): MillraceError {
  const message = `${title(asked)} could not be started (${detail}).`;
  const forever = ['ENOENT', 'EACCES', 'ENOEXEC', 'ENOTDIR', 'EPERM'].includes(detail);
  return forever
    ? new TerminalError('exec_not_found', message, { hint: 'Check that the program and the folder it runs in exist, and that it may be executed.' })
    : new RetryableError('exec_not_started', message, { hint: 'The machine may be short of processes or memory.' });
}

const title = ({ name, verb, program }: Asked): string => `The "${name}" backend (${program}), asked to ${verb},`;

const short = (text: string): string => JSON.stringify(text.trim().slice(0, 200));

const lastWords = ({ stderr }: Called): string => (stderr === '' ? '' : ` Its last words: ${stderr.slice(-500)}`);

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
