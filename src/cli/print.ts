import { MillraceError } from '../kernel/errors.ts';
import { redact } from '../kernel/redact.ts';

export type Format = 'text' | 'json';

export const line = (text: string): void => void process.stdout.write(`${text}\n`);
export const jsonLine = (value: unknown): void => line(JSON.stringify(value));
/** For people, beside the output: a pipe does not get it. */
export const aside = (text: string): void => void process.stderr.write(`${text}\n`);

/** Columns as wide as their widest cell; on a terminal a row is one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) line(fit(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()));
}

/** As much of a line as the terminal is wide; whole in a pipe. */
export function fit(text: string): string {
  const columns = process.stdout.isTTY === true ? process.stdout.columns : 0;
  return columns > 20 && text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
}

/** Errors go to standard error, in the format the caller asked for. */
export function printError(error: unknown, format: Format): void {
  const known = error instanceof MillraceError;
  const code = known ? error.code : 'unexpected';
  const message = redact(error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  const hint = known ? error.hint : undefined;
  if (format === 'json') aside(JSON.stringify({ error: { code, message, hint, retryable: known && error.retryable } }));
  else aside(`millrace: ${message} [${code}]${hint === undefined ? '' : `\n  ${hint}`}`);
}

export const time = (at: number): string => new Date(at).toISOString();
