import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Blobs } from '../../../machines/build/ports.ts';
import type { RunSample } from '../../../machines/run/runner.ts';
import { removeTree } from '../../sources/remove-tree.ts';
import { collectArtifact } from './collect.ts';
import { readJson, writeOnce } from './files.ts';
import type { RunFolder, StoredRequest } from './folder.ts';
import { fingerprint } from './fingerprint.ts';
import type { Exit } from './exit.ts';
import type { Side } from './order.ts';
import { outcomeOf, sideFailed } from './outcome.ts';

/**
 * The build has ended: collect, write down how for ever, and clear up. All of it may be repeated, also
 * by two workers at once; the first result stored is the result.
 */
export async function settle(folder: RunFolder, request: StoredRequest, exit: Exit | undefined, blobs: Blobs): Promise<RunSample> {
  try {
    const outcome = await withArtifact(folder, request, outcomeOf(exit), exit?.side ?? 'head', blobs);
    await writeOnce(folder.result, { status: outcome.status, metadata: { ...withoutPath(request), ...outcome.metadata }, request: fingerprint(request) });
  } catch (error) {
    // The folder is emptied by whoever stored the result first.
    if ((await storedResult(folder)) === undefined) throw error;
  }
  const result = await storedResult(folder);
  if (result === undefined) throw new Error(`the result of ${folder.id} is gone`);
  return result;
}

export async function storedResult(folder: RunFolder): Promise<RunSample | undefined> {
  const result = await readJson<RunSample>(folder.result);
  return result === undefined ? undefined : { status: result.status, metadata: result.metadata };
}

/** In a result `artifact` is a digest; where it was asked for goes by `artifactPath`. */
function withoutPath({ metadata }: StoredRequest): RunSample['metadata'] {
  const { artifact, ...others } = metadata;
  return artifact === undefined ? others : { ...others, artifactPath: artifact };
}

async function withArtifact(folder: RunFolder, { metadata }: StoredRequest, outcome: RunSample, side: Side, blobs: Blobs): Promise<RunSample> {
  if (outcome.status !== 'succeeded' || metadata.artifact === undefined) return outcome;
  try {
    const artifact = await collectArtifact(folder, metadata.artifact, blobs);
    return { status: 'succeeded', metadata: { ...outcome.metadata, artifact } };
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    const failed = sideFailed(side, error.code, error.message);
    return { status: failed.status, metadata: { ...outcome.metadata, ...failed.metadata } };
  }
}

/** What stays: the result, and the mark that keeps a late supervisor from starting. */
export async function clearUp(folder: RunFolder): Promise<void> {
  const kept = [folder.result, folder.started, folder.request];
  for (const name of await readdir(folder.path)) {
    const path = join(folder.path, name);
    // Once more: a process that was killed just now may still have written a file.
    if (!kept.includes(path)) await removeTree(path).catch(() => removeTree(path));
  }
  // Last: while it is there, clearing up is not finished.
  await removeTree(folder.request);
}
