import { StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { RetryableError, TerminalError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { requireToken } from '../../kernel/names.ts';
import type { Entities, Entity } from '../../machines/build/ports.ts';
import type { Broker } from './broker.ts';
import { toMillraceError } from './errors.ts';
import { keyValue, type Cell, type KeyValue } from './kv-write.ts';
import { once } from './once.ts';
import { patiently } from './patiently.ts';
import { lasting } from './stick.ts';

/**
 * Entities in the KV bucket `<prefix>_entities`, key `<kind>.<id>`, revision that of KV. The bucket is
 * made on first use. A write that the broker did not answer is read back before anything is said of it.
 */
export function natsEntities(broker: Broker): Entities {
  const bucket = broker.names.buckets.entities;
  const open = once(async () => {
    await lasting(broker, `KV_${bucket}`, () => new Kvm(broker.js).create(bucket, {
      description: 'Apps, config versions and app versions', history: 1, storage: broker.storage === 'memory' ? StorageType.Memory : StorageType.File,
    }));
    return keyValue(broker, bucket);
  });
  const using = async <T>(doing: string, work: (kv: KeyValue) => Promise<T>): Promise<T> => {
    try {
      return await work(await patiently(broker.nc, doing, open));
    } catch (cause) {
      throw toMillraceError(cause, doing);
    }
  };

  const entities: Entities = {
    async get(kind, id) {
      const key = keyOf(kind, id);
      return using(`read ${kind} ${id}`, async (kv) => entityOf(key, await kv.read(key)));
    },
    async create(kind, id, value) {
      const key = keyOf(kind, id);
      return using(`create ${kind} ${id}`, async (kv) => {
        const there = await kv.read(key);
        const made = there?.data === undefined ? await kv.write(key, encode(value), there?.revision ?? 0) : undefined;
        if (made !== undefined) return made;
        throw new TerminalError('entity_exists', `There is a ${kind} ${id} already.`, { hint: 'Read it, and change it with its revision.' });
      });
    },
    async update(kind, id, value, revision) {
      const key = keyOf(kind, id);
      return using(`change ${kind} ${id}`, async (kv) => {
        const stored = revision > 0 ? await kv.write(key, encode(value), revision) : undefined;
        if (stored !== undefined) return stored;
        throw new RetryableError('entity_changed', `${kind} ${id} is no longer at revision ${revision}.`, { hint: 'Read it again and decide anew.' });
      });
    },
    async remove(kind, id, revision) {
      const key = keyOf(kind, id);
      return using(`remove ${kind} ${id}`, async (kv) => {
        for (;;) {
          const there = await kv.read(key);
          if (there?.data === undefined) return true;
          if (revision !== undefined && there.revision !== revision) return false;
          if (await kv.write(key, undefined, there.revision) !== undefined) return true;
        }
      });
    },
    async list(kind) {
      requireToken(kind, 'bad_entity_name', 'the kind');
      return using(`list every ${kind}`, async (kv) => {
        const found: { id: string; entity: Entity }[] = [];
        const ids = await idsOf(broker, bucket, kind);
        for (let at = 0; at < ids.length; at += 32) {
          await Promise.all(ids.slice(at, at + 32).map(async (id, index) => {
            const entity = entityOf(keyOf(kind, id), await kv.read(keyOf(kind, id)));
            if (entity !== undefined) found[at + index] = { id, entity };
          }));
        }
        return found.filter((one) => one !== undefined);
      });
    },
  };
  return entities;
}

/** The leader's own list of keys: no consumer that could stop half-way. */
async function idsOf({ nc, jsm }: Broker, bucket: string, kind: string): Promise<readonly string[]> {
  const prefix = `$KV.${bucket}.${kind}.`;
  const info = await patiently(nc, `list every ${kind}`, () => jsm.streams.info(`KV_${bucket}`, { subjects_filter: `${prefix}*` }));
  return Object.keys(info.state.subjects ?? {}).map((subject) => subject.slice(prefix.length)).toSorted();
}

function keyOf(kind: string, id: string): string {
  requireToken(kind, 'bad_entity_name', 'the kind');
  requireToken(id, 'bad_entity_name', `the id of ${kind}`);
  return `${kind}.${id}`;
}

const encode = (value: JsonObject): Uint8Array => Buffer.from(JSON.stringify(value));

function entityOf(key: string, cell: Cell | undefined): Entity | undefined {
  if (cell?.data === undefined) return undefined;
  try {
    return { value: JSON.parse(Buffer.from(cell.data).toString()) as JsonObject, revision: cell.revision };
  } catch (cause) {
    throw new TerminalError('bad_entity', `The entity ${key} is not JSON.`, { hint: 'Somebody else wrote it. Repair or remove it.', cause });
  }
}
