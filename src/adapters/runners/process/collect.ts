import { cp, mkdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Blobs, Digest } from '../../../machines/build/ports.ts';
import { packDirectory } from '../../sources/pack.ts';
import { errno, removeTree } from '../../sources/remove-tree.ts';
import type { RunFolder } from './folder.ts';

/**
 * Pack what the build made, by a path inside its workspace, and store it. The same tree gives the same
 * digest; a single file becomes an archive with that file in it.
 * @throws TerminalError `artifact_missing`, `artifact_outside`, and what packing throws.
 */
export async function collectArtifact(folder: RunFolder, path: string, blobs: Blobs): Promise<Digest> {
  const found = await locate(folder, path);
  if ((await stat(found)).isDirectory()) return (await blobs.put(packDirectory(found, { whole: true }))).digest;
  const alone = join(folder.path, 'artifact');
  await removeTree(alone);
  await mkdir(alone);
  await cp(found, join(alone, basename(path)));
  return (await blobs.put(packDirectory(alone, { whole: true }))).digest;
}

async function locate(folder: RunFolder, path: string): Promise<string> {
  const work = await realpath(folder.work);
  const found = await realpath(resolve(work, path)).catch((error: unknown) => {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return undefined;
    throw error;
  });
  if (isAbsolute(path) || (found !== undefined && !isInside(work, found))) {
    throw new TerminalError('artifact_outside', `the artifact "${path}" is not inside the workspace`, { hint: 'name a file or folder below the source folder' });
  }
  if (found !== undefined) return found;
  throw new TerminalError('artifact_missing', `the command succeeded, but there is no "${path}" to collect`, { hint: 'let the command create it, or correct the artifact path' });
}

function isInside(folder: string, path: string): boolean {
  const step = relative(folder, path);
  return step !== '..' && !step.startsWith('../') && !isAbsolute(step);
}
