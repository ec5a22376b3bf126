import { MillraceError } from '../kernel/errors.ts';

export type Format = 'text' | 'json';

export const line = (text: string): void => void process.stdout.write(`${text}\n`);
export const jsonLine = (value: unknown): void => line(JSON.stringify(value));

/** Columns as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}

/** Errors go to standard error, in the format the caller asked for. */
export function printError(error: unknown, format: Format): void {
  const known = error instanceof MillraceError;
  const code = known ? error.code : 'unexpected';
  const message = error instanceof Error ? error.message : String(error);
  const hint = known ? error.hint : undefined;
  if (format === 'json') process.stderr.write(`${JSON.stringify({ error: { code, message, hint, retryable: known && error.retryable } })}\n`);
  else process.stderr.write(`millrace: ${message} [${code}]\n${hint === undefined ? '' : `  ${hint}\n`}`);
}

export const time = (at: number): string => new Date(at).toISOString();
