import { pino } from 'pino';
import type { Logger } from '../runtime/logger.ts';
import { time } from './print.ts';

/**
 * What a worker says on standard error: a line of JSON for each in a pipe, text on a terminal. MILLRACE_LOG sets
 * the level (debug, info, warn, error, silent). Default warn.
 */
export function workerLogger(): Logger {
  const stream = process.stderr.isTTY === true ? { write: (line: string) => void process.stderr.write(asText(line)) } : pino.destination({ dest: 2, sync: true });
  return pino({ level: process.env.MILLRACE_LOG ?? 'warn', base: { pid: process.pid } }, stream);
}

function asText(json: string): string {
  const { level, time: at, pid: _pid, msg, ...fields } = JSON.parse(json) as { level: number; time: number; pid: number; msg: string };
  const details = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`).join('  ');
  return `${time(at)}  ${pino.levels.labels[level] ?? ''}  ${msg}${details === '' ? '' : `  ${details}`}\n`;
}
