import { TerminalError } from '../../../kernel/errors.ts';
import type { Metadata } from '../../../machines/run/runner.ts';
import { system } from './observe.ts';

/** What a build may use; each of its sides may use all of it. What is not given is not limited, but for `timeoutMs`. */
export interface ProcessLimits {
  /** Of running time, ms; time in which it is stopped does not count. */
  readonly timeoutMs: number;
  /** Processor time of all its processes together. Linux. */
  readonly cpuSeconds?: number;
  /** Of all its processes together. Linux. */
  readonly memoryBytes?: number;
  /** Of its workspace, home and temp folder together, and of any one file. */
  readonly diskBytes?: number;
  /** Living processes. Linux. */
  readonly pids?: number;
}

/** One hour. */
export const defaultTimeoutMs = 3_600_000;

const optional = ['cpuSeconds', 'memoryBytes', 'diskBytes', 'pids'] as const;

/**
 * A request may ask for less than the worker allows, never for more.
 * @throws TerminalError `bad_metadata`, `limit_not_supported`.
 */
export function limitsOf(metadata: Metadata, most: Partial<ProcessLimits>): ProcessLimits {
  const limits: Partial<Record<(typeof optional)[number], number>> = {};
  for (const name of optional) {
    const limit = least(metadata, name, most[name]);
    if (limit === undefined) continue;
    if (!system.hasProc && name !== 'diskBytes') {
      throw new TerminalError('limit_not_supported', `This machine cannot hold a process to "${name}".`, { hint: 'Leave the limit out, or build on Linux or with docker.' });
    }
    limits[name] = limit;
  }
  return { ...limits, timeoutMs: least(metadata, 'timeoutMs', most.timeoutMs) ?? defaultTimeoutMs };
}

function least(metadata: Metadata, name: keyof ProcessLimits, most: number | undefined): number | undefined {
  const text = metadata[name];
  if (text === undefined) return most;
  const asked = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(asked) && asked > 0) return Math.min(asked, most ?? Infinity);
  throw new TerminalError('bad_metadata', `${name} is "${text}"`, { hint: 'give a whole number above 0' });
}
