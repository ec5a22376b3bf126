import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import type { Blobs, Digest } from '../../../src/machines/build/ports.ts';

export interface FakeBlobs extends Blobs {
  /** What is stored; a test may change it to damage a blob. */
  readonly stored: Map<Digest, Buffer>;
}

/** Blobs in memory, handed out in pieces and verified as the real ones are. */
export function fakeBlobs(): FakeBlobs {
  const stored = new Map<Digest, Buffer>();
  return {
    stored,
    async put(bytes) {
      const chunks: Buffer[] = [];
      for await (const chunk of bytes as AsyncIterable<Buffer | string>) chunks.push(Buffer.from(chunk));
      const whole = Buffer.concat(chunks);
      const digest = sha256(whole);
      stored.set(digest, whole);
      return { digest, size: whole.length };
    },
    has: async (digest) => stored.has(digest),
    async get(digest) {
      const found = stored.get(digest);
      if (found === undefined) throw new TerminalError('unknown_blob', `There is no blob ${digest}.`);
      return Readable.from(pieces(found, digest), { objectMode: false });
    },
  };
}

const sha256 = (bytes: Buffer): Digest => createHash('sha256').update(bytes).digest('hex');

async function* pieces(bytes: Buffer, digest: Digest): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  if (sha256(bytes) !== digest) throw new RetryableError('blob_damaged', `The bytes of ${digest} do not match it.`);
}
