import { TerminalError } from '../../kernel/errors.ts';
import type { Blobs, Digest } from '../../machines/build/ports.ts';
import type { ReadOptions } from './read-archive.ts';
import { unpack } from './unpack.ts';

/**
 * Unpack a stored archive as the folder `dir`. Bytes that were damaged on the way look like a bad
 * archive before their digest is known, so then they are read to the end: damage is retryable.
 * @throws TerminalError `bad_archive`, `unknown_blob`; RetryableError when the bytes do not match the digest.
 */
export async function unpackBlob(blobs: Blobs, digest: Digest, dir: string, options: ReadOptions = {}): Promise<void> {
  try {
    await unpack(await blobs.get(digest), dir, options);
  } catch (error) {
    if (!(error instanceof TerminalError) || error.code !== 'bad_archive') throw error;
    for await (const _ of await blobs.get(digest)) { /* only its end matters */ }
    throw error;
  }
}
