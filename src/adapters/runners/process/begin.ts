import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Blobs } from '../../../machines/build/ports.ts';
import type { TriggerRequest } from '../../../machines/run/runner.ts';
import { errno, removeTree } from '../../sources/remove-tree.ts';
import { jobEnvironmentOf, secretsIn, type JobEnvironment } from '../job-environment.ts';
import { baseKey, type Bases } from './bases.ts';
import { readJson, writeOnce } from './files.ts';
import { runsFolder, type RunFolder, type StoredRequest } from './folder.ts';
import { launch } from './launch.ts';
import { digestOf, materialise } from './materialise.ts';
import { sidesOf, wantedOf, type Allowed, type Order } from './order.ts';
import { buildMarker } from './system.ts';

/** What beginning a build needs, the same for all of a runner's. */
export interface Means {
  readonly dataDir: string;
  readonly blobs: Blobs;
  readonly bases: Bases;
  readonly allowed: Allowed;
  readonly jobEnvironment: JobEnvironment | undefined;
}

/** Bring the build under a supervisor, from wherever an earlier attempt was interrupted. */
export async function begin(means: Means, folder: RunFolder, asked: TriggerRequest): Promise<void> {
  if (isBegun(folder)) return;
  const { base, head, metadata } = asked;
  // Refuse what can never run before anything is made.
  wantedOf(metadata, means.allowed);
  for (const change of [...base, ...head]) digestOf(change);
  await claim(means.dataDir, folder, { base, head, metadata });
  const request = (await readJson<StoredRequest>(folder.request)) ?? { base, head, metadata };
  try {
    const order = await orderOf(means, folder, request, asked.idempotencyKey);
    for (const { side, work } of order.sides) {
      if (isBegun(folder)) return;
      await mkdir(dirname(work), { recursive: true });
      await materialise({ path: folder.path, work }, side === 'base' ? request.base : [...request.base, ...request.head], means.blobs);
    }
    if (!isBegun(folder)) await launch(folder, order);
  } catch (error) {
    if (error instanceof TerminalError && !isBegun(folder)) await removeTree(folder.path);
    throw error;
  }
}

async function orderOf({ allowed, bases, jobEnvironment }: Means, folder: RunFolder, request: StoredRequest, actor: string): Promise<Order> {
  const { command, env, limits } = wantedOf(request.metadata, allowed);
  const job = await jobEnvironmentOf(actor, jobEnvironment);
  // A hook may put programs on the path; a request that names its own knows better.
  const ownPath: Record<string, string> = request.metadata['env.PATH'] === undefined ? {} : { PATH: request.metadata['env.PATH'] };
  const key = request.base.length > 0 ? baseKey(request.base, { command, env, limits }) : undefined;
  const found = key === undefined ? undefined : await bases.find(key);
  // Without a head the base is all there is to build.
  const known = request.head.length === 0 ? undefined : found;
  return {
    build: folder.mark, command, folder, limits, graceMs: allowed.graceMs, maxOutputBytes: allowed.maxOutputBytes,
    env: { ...env, ...job, ...ownPath, [buildMarker]: folder.mark },
    sides: sidesOf(folder, request, known !== undefined),
    secrets: secretsIn(job),
    verdict: key === undefined ? undefined : { key, path: bases.path(key) },
    note: known === undefined ? undefined : `the base is good, build ${known.build} found at ${new Date(known.at).toISOString()}: it is not built again`,
  };
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
