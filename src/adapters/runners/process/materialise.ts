import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Blobs } from '../../../machines/build/ports.ts';
import type { Change } from '../../../machines/run/runner.ts';
import { unpackBlob } from '../../sources/unpack-blob.ts';
import { errno, removeTree } from '../../sources/remove-tree.ts';
import type { RunFolder } from './folder.ts';

/**
 * Lay the changes out in `work`, one over the other: what comes later wins, and nothing is deleted. Each attempt works in a folder of its own and the
 * first to be complete is taken, so a crash in the middle leaves nothing half done.
 * @throws TerminalError `unknown_change`, and what unpacking throws.
 */
export async function materialise(folder: Pick<RunFolder, 'path' | 'work'>, changes: readonly Change[], blobs: Blobs): Promise<void> {
  if (existsSync(folder.work)) return;
  const staging = join(folder.path, `staging-${randomUUID()}`);
  const whole = join(staging, 'whole');
  await mkdir(whole, { recursive: true });
  try {
    for (const [index, change] of changes.entries()) {
      const layer = join(staging, String(index));
      await unpackBlob(blobs, digestOf(change), layer);
      await overlay(layer, whole);
    }
    await rename(whole, folder.work);
  } catch (error) {
    if (errno(error) !== 'ENOTEMPTY' && errno(error) !== 'EEXIST') throw error;
  } finally {
    await removeTree(staging);
  }
}

/** @throws TerminalError `unknown_change`. */
export function digestOf(change: Change): string {
  const [, digest] = /^source:([0-9a-f]{64})$/.exec(change.uri) ?? [];
  if (digest !== undefined) return digest;
  throw new TerminalError('unknown_change', `the process runner cannot apply "${change.uri}"`, { hint: 'name a staged source archive: source:<sha256 in hex>' });
}

/** Move everything of `layer` over `below`. Folders merge, anything else replaces; no link of `below` is followed. */
async function overlay(layer: string, below: string): Promise<void> {
  for (const entry of await readdir(layer, { withFileTypes: true })) {
    const from = join(layer, entry.name);
    const to = join(below, entry.name);
    const there = await lstat(to).catch(() => undefined);
    if (entry.isDirectory() && there?.isDirectory() === true) {
      await overlay(from, to);
      continue;
    }
    if (there !== undefined) await removeTree(to);
    await rename(from, to);
  }
}
