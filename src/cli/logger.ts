import { pino, type LogFn, type Logger as PinoLogger } from 'pino';
import { redact } from '../kernel/redact.ts';
import type { Logger } from '../runtime/logger.ts';
import { time } from './print.ts';

/**
 * What a worker says on standard error: a line of JSON for each in a pipe, text on a terminal. MILLRACE_LOG sets
 * the level (debug, info, warn, error, silent). Default warn.
 */
export function workerLogger(): Logger {
  const stream = process.stderr.isTTY === true ? { write: (line: string) => void process.stderr.write(asText(line)) } : pino.destination({ dest: 2, sync: true });
  return pino({ level: process.env.MILLRACE_LOG ?? 'warn', base: { pid: process.pid }, formatters: { log: withoutSecrets }, hooks: { logMethod: redactMessage } }, stream);
}

/** Fields are names, numbers and words; anything else is left to pino. */
const withoutSecrets = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? redact(value) : value]));

function redactMessage(this: PinoLogger, args: Parameters<LogFn>, method: LogFn): void {
  method.apply(this, args.map((arg: unknown) => (typeof arg === 'string' ? redact(arg) : arg)) as Parameters<LogFn>);
}

function asText(json: string): string {
  const { level, time: at, pid: _pid, msg, ...fields } = JSON.parse(json) as { level: number; time: number; pid: number; msg: string };
  const details = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`).join('  ');
  return `${time(at)}  ${pino.levels.labels[level] ?? ''}  ${msg}${details === '' ? '' : `  ${details}`}\n`;
}
