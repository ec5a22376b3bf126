import { StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { TerminalError } from '../../kernel/errors.ts';
import type { Snapshot, Snapshots } from '../../runtime/ports/snapshots.ts';
import type { Broker } from './broker.ts';
import { toMillraceError } from './errors.ts';
import { tokens } from './names.ts';
import { once } from './once.ts';
import { lasting } from './stick.ts';

const utf8 = new TextEncoder();

/** Snapshots in the KV bucket `<prefix>_snapshots`, key `<type>.<id>`, one a key. The bucket is made on first use; taken away, it is made again. */
export function natsSnapshots(broker: Broker): Snapshots {
  const bucket = broker.names.buckets.snapshots;
  const stream = `KV_${bucket}`;
  const open = once(() => lasting(broker, stream, () => new Kvm(broker.js).create(bucket, {
    description: 'States of actors with a long log; a cache', history: 1, storage: broker.storage === 'memory' ? StorageType.Memory : StorageType.File,
  })));
  const using = async (doing: string, work: (kv: Awaited<ReturnType<typeof open>>) => Promise<unknown>): Promise<void> => {
    try {
      await work(await open());
    } catch (cause) {
      open.forget();
      throw toMillraceError(cause, doing);
    }
  };

  return {
    async get(actor) {
      try {
        // From any replica, and without the bucket's settings: there may be none yet.
        const found = await broker.jsm.direct.getMessage(stream, { last_by_subj: `$KV.${bucket}.${tokens(actor)}` });
        return found === null ? undefined : decode(found.data);
      } catch {
        return undefined;
      }
    },
    async put(actor, snapshot) {
      const body = utf8.encode(JSON.stringify(snapshot));
      const limit = (broker.nc.info?.max_payload ?? 1024 * 1024) - 1024;
      if (body.length > limit) {
        throw new TerminalError('payload_too_large', `The snapshot of ${actor} takes ${body.length} bytes; the broker takes at most ${limit}.`,
          { hint: 'The actor goes on without; keep big things in the object store and their digest in the context.' });
      }
      await using(`keep a snapshot of ${actor}`, (kv) => kv.put(tokens(actor), body));
    },
    // Not by the bucket's own purge, which leaves a mark for every actor there ever was.
    drop: (actor) => using(`drop the snapshot of ${actor}`, () => broker.jsm.streams.purge(stream, { filter: `$KV.${bucket}.${tokens(actor)}` })),
  };
}

/** A snapshot, if it is one: anything else is as good as none. */
function decode(bytes: Uint8Array): Snapshot | undefined {
  if (bytes.length === 0) return undefined;
  const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Snapshot> | null;
  const whole = typeof value === 'object' && value !== null && typeof value.seq === 'number' && typeof value.position === 'number' && value.state !== undefined;
  return whole ? (value as Snapshot) : undefined;
}
