import { TerminalError } from '../../../kernel/errors.ts';
import type { Metadata } from '../../../machines/run/runner.ts';
import type { RunFolder } from './folder.ts';
import { buildMarker } from './system.ts';

/** What the supervisor is told to do. Times in ms, sizes in bytes. */
export interface Order {
  readonly build: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: RunFolder;
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** More output than this is dropped, and the cut is marked. */
  readonly maxOutputBytes: number;
}

export interface Limits {
  readonly graceMs: number;
  readonly maxOutputBytes: number;
}

/** One hour. */
export const defaultTimeoutMs = 3_600_000;

/** @throws TerminalError `nothing_to_run`, `bad_metadata`. */
export function orderOf(folder: RunFolder, metadata: Metadata, limits: Limits): Order {
  const { command } = metadata;
  if (command === undefined || command.trim() === '') {
    throw new TerminalError('nothing_to_run', 'the process runner was given no command', { hint: 'put a shell command into the metadata key "command"' });
  }
  return { build: folder.mark, command, env: environment(folder, metadata), folder, timeoutMs: timeoutOf(metadata), ...limits };
}

function timeoutOf({ timeoutMs }: Metadata): number {
  if (timeoutMs === undefined) return defaultTimeoutMs;
  const value = Number(timeoutMs);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new TerminalError('bad_metadata', `timeoutMs is "${timeoutMs}"`, { hint: 'give whole milliseconds above 0' });
}

/** Nothing of the worker's own environment but where programs are and which language they speak. */
function environment(folder: RunFolder, metadata: Metadata): Record<string, string> {
  const env: Record<string, string> = { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: process.env.LANG ?? 'C.UTF-8', HOME: folder.home, TMPDIR: folder.temp };
  for (const [key, value] of Object.entries(metadata)) {
    if (!key.startsWith('env.')) continue;
    const name = key.slice('env.'.length);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0')) {
      throw new TerminalError('bad_metadata', `"${key}" does not name an environment variable`, { hint: 'use env.NAME with letters, digits and _, and a value without NUL' });
    }
    env[name] = value;
  }
  return { ...env, [buildMarker]: folder.mark };
}
