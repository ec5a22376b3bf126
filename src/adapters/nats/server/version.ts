import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TerminalError } from '../../../kernel/errors.ts';

/** Older servers lack the schedules, batches and consumer resets Millrace lives on. */
export const MINIMUM_VERSION = '2.14.0';
/** What Millrace is tested with. Older ones, down to the minimum, work with a warning. */
export const ADVISED_VERSION = '2.15.1';

/** `2.15.1` from `nats-server: v2.15.1` or `v2.15.1-RC.2`; undefined when there is no version in it. */
export function parseVersion(text: string): string | undefined {
  return /\bv?(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** Negative when `a` is older than `b`, 0 when they are the same. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const isTooOld = (version: string): boolean => compareVersions(version, MINIMUM_VERSION) < 0;

/** The warning for a server that works but is older than the tested one. */
export function versionWarning(version: string): string | undefined {
  if (isTooOld(version) || compareVersions(version, ADVISED_VERSION) >= 0) return undefined;
  return `nats-server ${version} is older than ${ADVISED_VERSION}, the version Millrace is tested with`;
}

/** Refuses a server that is too old. Error: `nats_server_too_old`. */
export function requireVersion(version: string, where: string): void {
  if (!isTooOld(version)) return;
  throw new TerminalError('nats_server_too_old',
    `${where} is nats-server ${version}; Millrace needs ${MINIMUM_VERSION} or newer, for message schedules and atomic batches`,
    { hint: `use nats-server ${ADVISED_VERSION} or newer` });
}

/** Runs `<file> --version`. Rejects when the file does not run or does not say a version. */
export async function versionOf(file: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 });
  const version = parseVersion(stdout + stderr);
  if (version === undefined) throw new Error(`${file} --version printed no version`);
  return version;
}
