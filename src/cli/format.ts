import { TerminalError } from '../kernel/errors.ts';
import type { Format } from './print.ts';

export interface HasOutput {
  /** `-o`. */
  readonly output: string;
}

/** @throws TerminalError `bad_option`. */
export function formatOf({ output }: HasOutput): Format {
  if (output === 'text' || output === 'json') return output;
  throw new TerminalError('bad_option', `there is no output format "${output}"`, { hint: 'use -o text or -o json' });
}
