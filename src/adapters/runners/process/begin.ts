import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Blobs } from '../../../machines/build/ports.ts';
import type { TriggerRequest } from '../../../machines/run/runner.ts';
import { errno, removeTree } from '../../sources/remove-tree.ts';
import { readJson, writeOnce } from './files.ts';
import { runsFolder, type RunFolder, type StoredRequest } from './folder.ts';
import { launch } from './launch.ts';
import { digestOf, materialise } from './materialise.ts';
import { orderOf, type Limits } from './order.ts';

/** Bring the build under a supervisor, from wherever an earlier attempt was interrupted. */
export async function begin(dataDir: string, folder: RunFolder, asked: TriggerRequest, limits: Limits, blobs: Blobs): Promise<void> {
  if (isBegun(folder)) return;
  const { base, head, metadata } = asked;
  // Refuse what can never run before anything is made.
  orderOf(folder, metadata, limits);
  for (const change of [...base, ...head]) digestOf(change);
  await claim(dataDir, folder, { base, head, metadata });
  const request = (await readJson<StoredRequest>(folder.request)) ?? { base, head, metadata };
  try {
    if (!isBegun(folder)) await materialise(folder, [...request.base, ...request.head], blobs);
  } catch (error) {
    if (error instanceof TerminalError && !isBegun(folder)) await removeTree(folder.path);
    throw error;
  }
  if (!isBegun(folder)) await launch(folder, orderOf(folder, request.metadata, limits));
}

/** A cancelled build is not started any more: `status` settles it. */
const isBegun = (folder: RunFolder): boolean => existsSync(folder.started) || existsSync(folder.cancel) || existsSync(folder.result);

/** Make the build's folder with its request in it, whole or not at all. The first one stands. */
async function claim(dataDir: string, folder: RunFolder, request: StoredRequest): Promise<void> {
  const staged = join(runsFolder(dataDir), `.new-${randomUUID()}`);
  await mkdir(staged, { recursive: true, mode: 0o700 });
  try {
    await writeOnce(join(staged, 'request.json'), request);
    await rename(staged, folder.path);
  } catch (error) {
    if (errno(error) !== 'ENOTEMPTY' && errno(error) !== 'EEXIST') throw error;
  } finally {
    await removeTree(staged);
  }
}
