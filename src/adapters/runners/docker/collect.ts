import { randomUUID } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { RetryableError, TerminalError } from '../../../kernel/errors.ts';
import type { Blobs, Digest } from '../../../machines/build/ports.ts';
import { packDirectory } from '../../sources/pack.ts';
import { removeTree } from '../../sources/remove-tree.ts';
import { unpack } from '../../sources/unpack.ts';
import { ask, must } from './engine.ts';
import type { Place } from './place.ts';

/**
 * Take what the build made out of its container, by a path from its working directory on, pack it and
 * store it. The same tree gives the same digest; a single file becomes an archive with that file in it.
 * @throws TerminalError `artifact_missing`, and what unpacking and packing throw.
 */
export async function collectArtifact(docker: Docker, place: Place, workdir: string, path: string, blobs: Blobs): Promise<Digest> {
  const from = posix.resolve(workdir, path);
  const got = await ask('read an artifact', () => docker.getContainer(place.container).getArchive({ path: from }), 10 * 60_000);
  if (!got.ok && got.status === 404) throw missing(got.message, path);
  const stream = must('read an artifact', got) as unknown as Readable;
  const dir = join(place.path, `collected-${randomUUID()}`);
  try {
    await unpack(stream, dir, { allowEmpty: true });
    const top = await lone(dir, path);
    return (await blobs.put(packDirectory(top, { whole: true }))).digest;
  } finally {
    await removeTree(dir);
  }
}

const missing = (message: string, path: string): RetryableError | TerminalError =>
  // Without its container the next look finds out what became of the build.
  /no such container:/i.test(message) && !/path|file/i.test(message)
    ? new RetryableError('container_gone', 'The container went away while its artifact was read.')
    : new TerminalError('artifact_missing', `the command succeeded, but there is no "${path}" to collect`, { hint: 'let the command create it, or correct the artifact path' });

/** What the engine packed: one thing, by its name. The folder itself, or the folder around a file. */
async function lone(dir: string, path: string): Promise<string> {
  const [name, ...others] = await readdir(dir);
  if (name === undefined || others.length > 0) return dir;
  const top = join(dir, name);
  const kind = await lstat(top);
  if (kind.isDirectory()) return top;
  if (kind.isFile()) return dir;
  throw new TerminalError('artifact_missing', `"${path}" is a link`, { hint: 'name the file or folder it leads to' });
}
