import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { RetryableError, TerminalError } from '../../kernel/errors.ts';
import type { Blobs, Digest } from '../../machines/build/ports.ts';
import { packDirectory } from './pack.ts';
import { checkArchive } from './read-archive.ts';
import { errno } from './remove-tree.ts';

/**
 * Put a source where every worker finds it: a folder is packed, an archive is read through first, so
 * that a bad one never gets in.
 * @throws TerminalError `no_such_source`, `empty_source`, `bad_source`, `unreadable_source`, `bad_archive`,
 * `unpackable`, `source_too_large`; RetryableError `source_changed`, and what the store throws.
 */
export async function stageSource(blobs: Blobs, source: string): Promise<{ readonly digest: Digest; readonly size: number }> {
  const { path, kind } = await find(source);
  if (kind === 'folder') return blobs.put(packDirectory(path));
  const checked = createHash('sha256');
  await checkArchive(Readable.from(hashing(path, checked)));
  const stored = await blobs.put(createReadStream(path));
  if (stored.digest === checked.digest('hex')) return stored;
  throw new RetryableError('source_changed', `${source} changed while it was staged.`, { hint: 'Try again when nobody is writing there.' });
}

async function* hashing(path: string, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
}

async function find(source: string): Promise<{ readonly path: string; readonly kind: 'folder' | 'archive' }> {
  try {
    const path = await realpath(source);
    const found = await stat(path);
    if (found.isDirectory()) return { path, kind: 'folder' };
    if (found.isFile()) return { path, kind: 'archive' };
  } catch (cause) {
    if (errno(cause) === 'ENOENT' || errno(cause) === 'ENOTDIR') {
      throw new TerminalError('no_such_source', `There is no ${source}.`, { hint: 'Name a folder, or a tar or tar.gz.', cause });
    }
    throw new TerminalError('unreadable_source', `${source} cannot be read: ${String(cause)}.`, { hint: 'Check its permissions.', cause });
  }
  throw new TerminalError('bad_source', `${source} is neither a folder nor a file.`, { hint: 'Name a folder, or a tar or tar.gz.' });
}
