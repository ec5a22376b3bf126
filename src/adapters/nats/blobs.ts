import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { StorageType } from '@nats-io/jetstream';
import { Objm, type ObjectStore } from '@nats-io/obj';
import { TerminalError } from '../../kernel/errors.ts';
import type { Blobs, Digest } from '../../machines/build/ports.ts';
import type { Broker } from './broker.ts';
import { chunksOf } from './chunks.ts';
import { once } from './once.ts';
import { patiently } from './patiently.ts';
import { spooled } from './spool.ts';
import { lasting } from './stick.ts';

const nameOf = (digest: Digest): string => `sha256-${digest}`;

/**
 * Blobs in the object store `<prefix>_blobs`, each an object named `sha256-<digest>` that
 * `nats object get` reads as well. The bucket is made on first use.
 */
export function natsBlobs(broker: Broker): Blobs {
  const bucket = broker.names.buckets.blobs;
  const open = once(() => lasting(broker, `OBJ_${bucket}`, () => new Objm(broker.js).create(bucket, {
    description: 'Sources and artifacts by digest', storage: broker.storage === 'memory' ? StorageType.Memory : StorageType.File,
  })));

  const using = <T>(doing: string, use: (store: ObjectStore) => Promise<T>): Promise<T> => patiently(broker.nc, doing, async () => use(await open()));

  /** The object, unless it is deleted. */
  const find = async (store: ObjectStore, digest: Digest): ReturnType<ObjectStore['info']> => {
    const info = await store.info(nameOf(digest));
    return info?.deleted === true ? null : info;
  };

  const upload = async (store: ObjectStore, digest: Digest, path: string, previousRevision: number): Promise<void> => {
    const content = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    // Of two that store the same blob at once, the second is refused and its chunks are purged.
    await store.put({ name: nameOf(digest) }, content, { previousRevision, timeout: 10_000 }).catch(async (cause: unknown) => {
      if (await find(store, digest) === null) throw cause;
    });
  };

  return {
    put: (bytes) => spooled(bytes, async ({ path, digest, size }) => {
      const doing = `store the blob ${digest}`;
      const before = await using(doing, (store) => store.info(nameOf(digest)));
      if (before === null || before.deleted) await patiently(broker.nc, doing, async () => upload(await open(), digest, path, before?.revision ?? 0), { slow: true });
      return { digest, size };
    }),

    has: (digest) => using(`look for the blob ${digest}`, async (store) => await find(store, digest) !== null),

    async get(digest) {
      const info = await using(`read the blob ${digest}`, (store) => find(store, digest));
      if (info !== null) return Readable.from(chunksOf(broker, info, digest), { objectMode: false });
      throw new TerminalError('unknown_blob', `There is no blob ${digest} in ${bucket}.`, { hint: 'It was never stored here, or somebody removed it: stage the source again.' });
    },
  };
}
