import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A socket's path has 107 bytes on Linux and 103 on macOS; the workers' own names are longer than the common one. */
const longestFolder = 80;

/** The socket that jobs of this data folder ask. In a folder of its own, so that a container can be given just that. */
export function socketPath(dataDir: string): string {
  const folder = join(resolve(dataDir), 'jobs');
  if (Buffer.byteLength(folder) <= longestFolder) return join(folder, 'jobs.sock');
  const short = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return join(tmpdir(), `millrace-${process.getuid?.() ?? 0}-${short}`, 'jobs.sock');
}

/**
 * A folder with the program `millrace`, for a job's PATH: this very version, whatever else is installed.
 * `main`: the command line; `promise`: the same with `promise-failure` alone, which is sooner there.
 */
export function programFolder(dataDir: string, { main, promise }: { readonly main: string; readonly promise: string }): string {
  const folder = join(resolve(dataDir), 'bin');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `.millrace-${process.pid}`);
  const node = quoted(process.execPath);
  writeFileSync(fresh, `#!/bin/sh
case "$1" in
  promise-failure) exec ${node} ${quoted(promise)} "$@" ;;
  *) exec ${node} ${quoted(main)} "$@" ;;
esac
`);
  chmodSync(fresh, 0o700);
  renameSync(fresh, join(folder, 'millrace'));
  return folder;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
