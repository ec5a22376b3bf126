import { Kvm, type KV } from '@nats-io/kv';
import { headers } from '@nats-io/transport-node';
import { JetStreamApiError, StorageType, type ApiError } from '@nats-io/jetstream';
import { RetryableError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Board, BoardEntry } from '../../runtime/ports/board.ts';
import type { Broker } from './broker.ts';
import { toMillraceError } from './errors.ts';
import { readStored } from './pages.ts';
import { quickRequest } from './quick-request.ts';

const wrongRevision = [10071, 10164];
const attempts = 8;
/** Actors whose last revision is kept in mind. */
const remembered = 20_000;
const writeMs = 5_000;

interface Written {
  readonly revision: number;
  readonly seq: number;
}

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

  const revisions = new Map<ActorName, Written>();
  const remember = (entry: BoardEntry, revision: number): void => {
    revisions.delete(entry.actor);
    revisions.set(entry.actor, { revision, seq: entry.seq });
    const [oldest] = revisions.keys();
    if (revisions.size > remembered && oldest !== undefined) revisions.delete(oldest);
  };

  /** What is there; nothing, when it is no entry. */
  const look = async (kv: KV, actor: ActorName): Promise<Written> => {
    const found = await kv.get(keyOf(actor));
    return { revision: found?.revision ?? 0, seq: (found === null ? undefined : decode(found.value))?.seq ?? 0 };
  };

  return {
    async put(entry) {
      const kv = await open();
      try {
        // Most lines are new, or were last written here: written without looking first.
        let known = revisions.get(entry.actor) ?? { revision: 0, seq: 0 };
        if (known.seq > entry.seq) known = await look(kv, entry.actor);
        for (let attempt = 0; attempt < attempts; attempt++) {
          if (known.seq > entry.seq) return;
          const revision = await write(broker, `$KV.${bucket}.${keyOf(entry.actor)}`, entry, known.revision);
          if (revision !== undefined) return remember(entry, revision);
          known = await look(kv, entry.actor);
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

/** Its new revision; undefined when somebody else wrote since `after`. */
async function write({ nc }: Broker, subject: string, entry: BoardEntry, after: number): Promise<number | undefined> {
  const made = headers();
  made.set('Nats-Expected-Last-Subject-Sequence', String(after));
  const reply = await quickRequest(nc, subject, JSON.stringify(entry), { timeoutMs: writeMs, headers: made });
  const { seq, error } = reply.json<{ seq?: number; error?: ApiError }>();
  if (error === undefined) return seq;
  if (wrongRevision.includes(error.err_code)) return undefined;
  throw new JetStreamApiError(error);
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
