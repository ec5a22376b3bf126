import { TerminalError } from '../../kernel/errors.ts';
import type { Asked, Desk } from './desk.ts';
import type { Fault, Told } from './told.ts';

/** More than this is no question. */
export const longestQuestion = 256 * 1024;

const defaultDeadlineMs = 10_000;
const longestDeadlineMs = 600_000;

/** A job's question: `{exitStatus, reason?, deadlineMs?}`. The build is not in it: the credential says which. @throws TerminalError `bad_promise`. */
export function parseQuestion(text: string): Omit<Asked, 'build'> & { readonly deadlineMs: number } {
  const { exitStatus, reason, deadlineMs = defaultDeadlineMs } = objectIn(text);
  if (typeof exitStatus !== 'number' || !Number.isInteger(exitStatus) || exitStatus < 1 || exitStatus > 255) throw bad('exitStatus is not a whole number from 1 to 255');
  if (reason !== undefined && typeof reason !== 'string') throw bad('reason is not a text');
  if (typeof deadlineMs !== 'number' || !(deadlineMs > 0)) throw bad('deadlineMs is not a number of milliseconds above 0');
  return { exitStatus, deadlineMs: Math.min(deadlineMs, longestDeadlineMs), ...(reason === undefined || reason === '' ? {} : { reason }) };
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch { /* the same answer */ }
  throw bad('the body is not a JSON object');
}

const bad = (message: string): TerminalError => new TerminalError('bad_promise', message, { hint: 'send an object such as {"exitStatus":1,"reason":"2 tests failed"}' });

/** The answer to a question, whatever became of it. */
export async function answerTo(desk: Desk, build: string, text: string): Promise<Told | Fault> {
  try {
    const { deadlineMs, ...asked } = parseQuestion(text);
    return await desk.ask({ build, ...asked }, deadlineMs);
  } catch (error) {
    return faultOf(error);
  }
}

export function faultOf(error: unknown): Fault {
  if (!(error instanceof TerminalError)) return { error: { code: 'asking_failed', message: String(error) } };
  const { code, message, hint } = error;
  return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}
