import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Blobs } from '../../src/machines/build/ports.ts';
import { bytesOf, stream } from '../unit/sources/support/archives.ts';

export interface BlobsUnderTest {
  readonly blobs: Blobs;
  /** Names of everything stored. */
  readonly stored: () => Promise<readonly string[]>;
  /** Replace the bytes behind a digest with others. */
  readonly damage: (digest: string) => Promise<void>;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What every store of blobs does. */
export function blobsContract(name: string, make: () => Promise<BlobsUnderTest>): void {
  describe(`blobs: ${name}`, () => {
    let test: BlobsUnderTest;
    let blobs: Blobs;
    beforeAll(async () => {
      test = await make();
      ({ blobs } = test);
    });

    it.each([['empty', 0], ['small', 10], ['of several chunks', 700_001]])('given bytes that are %s, when they are put, then the same come back under their digest', async (_, size) => {
      const bytes = randomBytes(size);
      const put = await blobs.put(Readable.from(pieces(bytes), { objectMode: false }));
      expect(put).toEqual({ digest: sha256(bytes), size });
      expect(await blobs.has(put.digest)).toBe(true);
      expect((await bytesOf(await blobs.get(put.digest))).equals(bytes)).toBe(true);
    });

    it('given bytes that are there, when they are put again, also by two at once, then they are stored once', async () => {
      const bytes = randomBytes(200_000);
      const before = (await test.stored()).length;
      const puts = await Promise.all([blobs.put(stream(bytes)), blobs.put(stream(bytes))]);
      expect([...puts, await blobs.put(stream(bytes))]).toEqual(Array(3).fill({ digest: sha256(bytes), size: bytes.length }));
      expect((await test.stored()).length).toBe(before + 1);
      expect((await bytesOf(await blobs.get(sha256(bytes)))).equals(bytes)).toBe(true);
    });

    it('given a digest nobody put, when it is asked for, then it is unknown', async () => {
      expect(await blobs.has('0'.repeat(64))).toBe(false);
      await expect(blobs.get('0'.repeat(64))).rejects.toMatchObject({ code: 'unknown_blob', retryable: false });
    });

    it('given a stream that fails half-way, when it is put, then its error comes through and nothing is stored', async () => {
      const before = await test.stored();
      const failing = async function* (): AsyncGenerator<Buffer> {
        yield randomBytes(300_000);
        throw new Error('the disk is gone');
      };
      await expect(blobs.put(Readable.from(failing(), { objectMode: false }))).rejects.toThrow('the disk is gone');
      expect(await test.stored()).toEqual(before);
    });

    it('given damaged bytes, when they are read, then the stream fails and a retry may help', async () => {
      const { digest } = await blobs.put(stream(randomBytes(150_000)));
      await test.damage(digest);
      await expect((async () => bytesOf(await blobs.get(digest)))()).rejects.toMatchObject({ code: 'blob_damaged', retryable: true });
    });
  });
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}
