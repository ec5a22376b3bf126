import { existsSync } from 'node:fs';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Metadata, RunSample } from '../../../machines/run/runner.ts';
import { writeOnce } from '../process/files.ts';
import { fingerprint } from '../process/fingerprint.ts';
import type { RunFolder } from '../process/folder.ts';
import { clearUp, storedResult } from '../process/settle.ts';
import { collectArtifact } from './collect.ts';
import { removeAll, type DockerRequest } from './container.ts';
import { sideFailed, type Outcome } from './outcome.ts';
import type { Place } from './place.ts';
import type { DockerTools } from './tools.ts';

/** Write down for ever how the build ended. Two workers may do it at once; the first result stored is the result. */
export async function settle(tools: DockerTools, folder: RunFolder, request: DockerRequest, outcome: Outcome): Promise<RunSample> {
  const { generation } = await tools.pauses.read(folder.id);
  const facts: Metadata = generation > 1 ? { generation: String(generation) } : {};
  await writeOnce(folder.result, { status: outcome.status, metadata: { ...withoutPath(request), ...facts, ...outcome.metadata }, request: fingerprint(request) });
  const stored = await storedResult(folder);
  if (stored === undefined) throw new Error(`the result of ${folder.id} is gone`);
  tools.job.forget(request.key);
  await tidy(tools, folder, request);
  return stored;
}

/** Housekeeping: the result stands, whether or not everything could be removed. What is left is tried again. */
export async function tidy({ docker }: DockerTools, folder: RunFolder, request: DockerRequest): Promise<void> {
  if (!existsSync(folder.request)) return;
  await removeAll(docker, folder.id, request).then(() => clearUp(folder)).catch(() => undefined);
}

/** What succeeded and has no artifact, though one is wanted, has failed. The base's is not wanted. */
export async function withArtifact({ docker, blobs }: DockerTools, place: Place, workdir: string, artifact: string | undefined, outcome: Outcome): Promise<Outcome> {
  if (place.side === 'base' || outcome.status !== 'succeeded' || artifact === undefined) return outcome;
  try {
    return { status: 'succeeded', metadata: { ...outcome.metadata, artifact: await collectArtifact(docker, place, workdir, artifact, blobs) } };
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    const failed = sideFailed(place.blamed, error.code, error.message);
    return { status: failed.status, metadata: { ...outcome.metadata, ...failed.metadata } };
  }
}

/** In a result `artifact` is a digest; where it was asked for goes by `artifactPath`. */
function withoutPath({ metadata }: DockerRequest): Metadata {
  const { artifact, ...others } = metadata;
  return artifact === undefined ? others : { ...others, artifactPath: artifact };
}
