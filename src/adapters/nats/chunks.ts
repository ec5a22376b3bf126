import { createHash } from 'node:crypto';
import type { StoredMsg } from '@nats-io/jetstream';
import type { ObjectInfo } from '@nats-io/obj';
import { RetryableError } from '../../kernel/errors.ts';
import type { Digest } from '../../machines/build/ports.ts';
import type { Broker } from './broker.ts';
import { patiently } from './patiently.ts';

/**
 * An object's chunks, one asked for when the one before it was taken: the client's own reader takes
 * all it can get, and waits for ever when the server goes away in the middle.
 * @throws RetryableError `blob_damaged` at the end when the bytes do not match the digest.
 */
export async function* chunksOf({ nc, jsm }: Broker, info: ObjectInfo, digest: Digest): AsyncGenerator<Uint8Array> {
  const stream = `OBJ_${info.bucket}`;
  const subject = `$O.${info.bucket}.C.${info.nuid}`;
  const hash = createHash('sha256');
  let seq = 1;
  for (let size = 0; size < info.size;) {
    const from = { next_by_subj: subject, seq };
    const chunk: StoredMsg | null = await patiently(nc, `read the blob ${digest}`, () => jsm.direct.getMessage(stream, from));
    if (chunk === null) throw damaged(digest, `only ${size} of ${info.size} bytes are there`);
    seq = chunk.seq + 1;
    size += chunk.data.length;
    hash.update(chunk.data);
    if (chunk.data.length > 0) yield chunk.data;
  }
  if (hash.digest('hex') !== digest) throw damaged(digest, 'its bytes are others');
}

const damaged = (digest: Digest, how: string): RetryableError =>
  new RetryableError('blob_damaged', `The blob ${digest} is damaged: ${how}.`, { hint: 'Should it stay so, remove the object and stage the source again.' });
