import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Digest } from '../../machines/build/ports.ts';

export interface Spooled {
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
}

/** Writes a stream to a file for the time of `use`: its digest is known before a byte is sent. */
export async function spooled<T>(bytes: Readable, use: (spooled: Spooled) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-spool-'));
  try {
    const path = join(dir, 'blob');
    return await use({ path, ...(await write(bytes, path)) });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function write(bytes: Readable, path: string): Promise<{ digest: Digest; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer | string>) {
      const part = Buffer.from(chunk as Buffer);
      hash.update(part);
      size += part.length;
      await file.appendFile(part);
    }
  } finally {
    await file.close();
  }
  return { digest: hash.digest('hex'), size };
}
