import { Kvm, type KV } from '@nats-io/kv';
import { StorageType } from '@nats-io/jetstream';
import { RetryableError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Board, BoardEntry } from '../../runtime/ports/board.ts';
import type { Broker } from './broker.ts';
import { apiCode, toMillraceError } from './errors.ts';
import { readStored } from './pages.ts';

const wrongRevision = [10071, 10164];
const attempts = 8;

/** The read model behind `ls`, in the KV bucket `<prefix>_board`, which is made when first needed. */
export function natsBoard(broker: Broker): Board {
  const bucket = broker.names.buckets.board;
  let opened: Promise<KV> | undefined;
  const open = (): Promise<KV> => {
    opened ??= new Kvm(broker.js).create(bucket, { history: 1, storage: broker.storage === 'memory' ? StorageType.Memory : StorageType.File })
      .catch((cause: unknown) => { opened = undefined; throw toMillraceError(cause, `open the bucket ${bucket}`); });
    return opened;
  };
  const keyOf = (actor: ActorName): string => actor.replace('/', '.');

  return {
    async put(entry) {
      const kv = await open();
      const key = keyOf(entry.actor);
      const body = JSON.stringify(entry);
      try {
        for (let attempt = 0; attempt < attempts; attempt++) {
          const found = await kv.get(key);
          const known = found === null ? undefined : decode(found.value);
          if (known !== undefined && known.seq > entry.seq) return;
          try {
            await (found === null ? kv.create(key, body) : kv.update(key, body, found.revision));
            return;
          } catch (cause) {
            if (!wrongRevision.includes(apiCode(cause) ?? 0)) throw cause;
          }
        }
      } catch (cause) {
        throw toMillraceError(cause, `put ${entry.actor} on the board`);
      }
      throw new RetryableError('board_busy', `Others kept changing ${entry.actor} on the board; this entry was not stored.`, { hint: 'Put it again.' });
    },
    async list({ type, status } = {}) {
      await open();
      const entries = new Map<ActorName, BoardEntry>();
      for await (const { data } of readStored(broker, `KV_${bucket}`, `$KV.${bucket}.${type ?? '*'}.*`)) {
        const entry = decode(data);
        // An entry that changes while it is listed comes twice; the later one holds.
        if (entry !== undefined) entries.set(entry.actor, entry);
      }
      return [...entries.values()].filter((entry) => status === undefined || entry.status === status).sort((a, b) => (a.actor < b.actor ? -1 : 1));
    },
    async get(actor) {
      try {
        const found = await (await open()).get(keyOf(actor));
        return found === null ? undefined : decode(found.value);
      } catch (cause) {
        throw toMillraceError(cause, `read ${actor} from the board`);
      }
    },
  };
}

/** An entry, if it is one: a deletion marker or somebody else's value is as good as nothing. */
function decode(bytes: Uint8Array): BoardEntry | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<BoardEntry> | null;
    const whole = typeof value === 'object' && value !== null && typeof value.actor === 'string' && value.actor.includes('/')
      && typeof value.status === 'string' && typeof value.seq === 'number' && typeof value.at === 'number' && value.value !== undefined;
    return whole ? (value as BoardEntry) : undefined;
  } catch {
    return undefined;
  }
}
