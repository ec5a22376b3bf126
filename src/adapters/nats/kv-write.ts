import { headers, nuid } from '@nats-io/transport-node';
import type { StoredMsg } from '@nats-io/jetstream';
import type { Broker } from './broker.ts';
import { apiCode, toMillraceError } from './errors.ts';
import { linkOf, patiently } from './patiently.ts';

/** A key of one KV bucket, as the KV protocol lays it out. Read from the leader: what was written is seen. */
export interface Cell {
  readonly revision: number;
  /** undefined when the key was deleted. */
  readonly data: Uint8Array | undefined;
}

export interface KeyValue {
  read(key: string): Promise<Cell | undefined>;
  /** Compare-and-set against the key's last revision, 0 when it has none. undefined: somebody else was there first. */
  write(key: string, data: Uint8Array | undefined, after: number): Promise<number | undefined>;
}

const wroteBy = 'Millrace-Write';
const wrongRevision = 10071;

/** The KV client's own writes cannot be told apart after a time-out: these carry a mark and are read back. */
export function keyValue({ nc, js, jsm }: Broker, bucket: string): KeyValue {
  const stream = `KV_${bucket}`;
  const subjectOf = (key: string): string => `$KV.${bucket}.${key}`;
  const last = (key: string): Promise<StoredMsg | null> =>
    patiently(nc, `read ${key} in ${bucket}`, () => jsm.streams.getMessage(stream, { last_by_subj: subjectOf(key) }));

  return {
    async read(key) {
      const found = await last(key);
      if (found === null) return undefined;
      return { revision: found.seq, data: isDeletion(found) ? undefined : found.data };
    },
    async write(key, data, after) {
      const mark = nuid.next();
      const made = headers();
      made.set('Nats-Expected-Last-Subject-Sequence', String(after));
      made.set(wroteBy, mark);
      if (data === undefined) made.set('KV-Operation', 'DEL');
      try {
        return (await linkOf(nc).guard(() => js.publish(subjectOf(key), data ?? new Uint8Array(), { headers: made, timeout: 2_500 }))).seq;
      } catch (cause) {
        const error = toMillraceError(cause, `write ${key} in ${bucket}`);
        const refused = apiCode(cause) === wrongRevision;
        if (!refused && error.code !== 'broker_gone') throw error;
        // A refusal may be of the second try of a write that was stored at the first.
        const now = await last(key).catch(() => { throw error; });
        if (now?.header.get(wroteBy) === mark) return now.seq;
        if (refused || (now?.seq ?? 0) !== after) return undefined;
        throw error;
      }
    },
  };
}

function isDeletion(message: StoredMsg): boolean {
  const operation = message.header.get('KV-Operation');
  return operation === 'DEL' || operation === 'PURGE' || message.header.get('Nats-Marker-Reason') !== '';
}
