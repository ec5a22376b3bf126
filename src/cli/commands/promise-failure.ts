import type { Command } from 'commander';
import { promiseFailure } from '../../adapters/job/promise-failure.ts';
import type { Told } from '../../adapters/job/told.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { secretValues } from '../../kernel/redact.ts';
import { safeReason } from '../../machines/promise/reason.ts';
import { milliseconds } from '../duration.ts';
import { exitCodes } from '../exit.ts';
import { formatOf, type HasOutput } from '../format.ts';
import { jsonLine, line } from '../print.ts';

export function addPromiseFailure(program: Command): void {
  program
    .command('promise-failure <status>')
    .description('say, from inside a build, that it will fail with this exit status; call it as often as you like')
    .option('--reason <text>', 'why, for people; secrets in it are redacted')
    .option('--deadline <duration>', 'there is an answer by then, whatever happens', '10s')
    .addHelpText('after', `
The build is marked failing at once and goes on running. The status is a floor: a build that then succeeds fails with
it, one that fails with another status keeps that one. The first status promised wins, and so does the first reason.

Exit codes: 0 accepted, 2 the call was wrong, 3 refused: another status was promised before, 4 not known within the
deadline (declaring goes on), 5 refused: the build is not running, 1 refused or lost for another reason.`)
    .action(async (status: string, options: { reason?: string; deadline: string }, self: Command) => {
      const output = formatOf(self.optsWithGlobals<HasOutput>());
      const exitStatus = statusOf(status);
      const reason = options.reason === undefined || options.reason === '' ? {} : { reason: safeReason(options.reason, secretValues(process.env)) };
      const told = await promiseFailure({ exitStatus, ...reason, deadlineMs: leftOf(milliseconds(options.deadline, '--deadline'), performance.now()), env: process.env });
      if (output === 'json') jsonLine(told);
      else line(textOf(exitStatus, told));
      process.exitCode = promiseExitCode(told);
    });
}

/** A caller's deadline runs since it called, and this process took a while to start; what is asked too late is asked all the same. */
export const leftOf = (deadlineMs: number, sinceStartMs: number): number => Math.max(Math.min(deadlineMs, leastMs), deadlineMs - sinceStartMs);

/** Enough to ask on the socket. */
const leastMs = 200;

function statusOf(text: string): number {
  const status = Number(text);
  if (!/^-?\d+$/.test(text)) throw new TerminalError('bad_exit_status', `"${text}" is not a whole number`, { hint: 'give the exit status the build will end with, 1 to 255' });
  if (status < 1 || status > 255) throw new TerminalError('bad_exit_status', `${text} is no exit status of a failure`, { hint: 'give a number from 1 to 255' });
  return status;
}

const refusals: Readonly<Record<string, number>> = { another_status: exitCodes.refused, not_running: exitCodes.notRunning, unknown_build: exitCodes.notRunning };

export function promiseExitCode({ outcome, accepted, code = '' }: Told): number {
  if (accepted) return exitCodes.ok;
  return outcome === 'unknown' ? exitCodes.unavailable : (refusals[code] ?? exitCodes.failed);
}

function textOf(status: number, { outcome, accepted, code, message }: Told): string {
  if (accepted) return `accepted: the build will fail with exit status ${status} (${outcome})`;
  return `${outcome === 'unknown' ? 'not known' : 'refused'}: ${message ?? 'no reason was given'} [${code ?? 'refused'}]`;
}
