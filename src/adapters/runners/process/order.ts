import { join } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Metadata } from '../../../machines/run/runner.ts';
import type { RunFolder, StoredRequest } from './folder.ts';
import { limitsOf, type ProcessLimits } from './limits.ts';

export { defaultTimeoutMs } from './limits.ts';

/** Whose changes are built: the base alone, or the base with the head over it. */
export type Side = 'base' | 'head';

/** One run of the command, in a workspace of its own. */
export interface SideOrder {
  readonly side: Side;
  readonly work: string;
  readonly home: string;
  readonly temp: string;
}

/** What the supervisor is told to do. Times in ms, sizes in bytes. It holds secrets: it is in no file. */
export interface Order {
  readonly build: string;
  readonly command: string;
  /** Of every side, besides HOME and TMPDIR. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: RunFolder;
  /** One after the other, while they succeed. */
  readonly sides: readonly SideOrder[];
  readonly limits: ProcessLimits;
  /** Texts that do not belong into the output. */
  readonly secrets: readonly string[];
  /** Where it is noted that the base is good, and what. */
  readonly verdict: { readonly path: string; readonly key: string } | undefined;
  /** What the output begins with. */
  readonly note: string | undefined;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** More output than this is dropped, and the cut is marked. */
  readonly maxOutputBytes: number;
}

/** What a worker lets its builds do. */
export interface Allowed {
  readonly graceMs: number;
  readonly maxOutputBytes: number;
  readonly limits: Partial<ProcessLimits>;
}

/** What a request says about how it is to be built. */
export interface Wanted {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ProcessLimits;
}

/** @throws TerminalError `nothing_to_run`, `bad_metadata`, `limit_not_supported`. */
export function wantedOf(metadata: Metadata, { limits }: Allowed): Wanted {
  const { command } = metadata;
  if (command === undefined || command.trim() === '') {
    throw new TerminalError('nothing_to_run', 'the process runner was given no command', { hint: 'put a shell command into the metadata key "command"' });
  }
  return { command, env: environment(metadata), limits: limitsOf(metadata, limits) };
}

/** Nothing of the worker's own environment but where programs are and which language they speak. */
function environment(metadata: Metadata): Record<string, string> {
  const env: Record<string, string> = { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: process.env.LANG ?? 'C.UTF-8' };
  for (const [key, value] of Object.entries(metadata)) {
    if (!key.startsWith('env.')) continue;
    const name = key.slice('env.'.length);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0')) {
      throw new TerminalError('bad_metadata', `"${key}" does not name an environment variable`, { hint: 'use env.NAME with letters, digits and _, and a value without NUL' });
    }
    env[name] = value;
  }
  return env;
}

/** The sides of a request, where they are built. A base that is known to be good is not built by itself. */
export function sidesOf(folder: RunFolder, { base, head }: Pick<StoredRequest, 'base' | 'head'>, baseIsGood: boolean): readonly SideOrder[] {
  const { work, home, temp } = folder;
  if (base.length > 0 && head.length === 0) return [{ side: 'base', work, home, temp }];
  const whole: SideOrder = { side: 'head', work, home, temp };
  if (base.length === 0 || baseIsGood) return [whole];
  return [{ side: 'base', work: join(folder.base, 'work'), home: join(folder.base, 'home'), temp: join(folder.base, 'tmp') }, whole];
}
