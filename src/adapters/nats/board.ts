import { Kvm, type KV } from '@nats-io/kv';
import { StorageType } from '@nats-io/jetstream';
import { RetryableError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Board, BoardEntry } from '../../runtime/ports/board.ts';
import type { Broker } from './broker.ts';
import { apiCode, toMillraceError } from './errors.ts';
import { publishBatch } from './group-commit/batch.ts';
import { committer, usual, type Committer } from './group-commit/committer.ts';
import { payloadLimit, publishOne } from './group-commit/wire.ts';
import { tokens } from './names.ts';
import { once } from './once.ts';
import { readStored } from './pages.ts';
import { linkOf } from './patiently.ts';

const wrongRevision = [10071, 10164];
const noStream = 10059;
const attempts = 8;
/** Actors whose last revision is kept in mind. */
const remembered = 20_000;
const writeMs = 5_000;
const utf8 = new TextEncoder();

interface Written {
  readonly revision: number;
  readonly seq: number;
}

/** The read model behind `ls`, in the KV bucket `<prefix>_board`, which is made when first needed. */
export function natsBoard(broker: Broker): Board {
  const bucket = broker.names.buckets.board;
  const stream = `KV_${bucket}`;
  const open = once(async () => {
    try {
      return await linkOf(broker.nc).guard(async () => {
        const kv = await new Kvm(broker.js).create(bucket, { history: 1, storage: broker.storage === 'memory' ? StorageType.Memory : StorageType.File });
        return { kv, lines: await grouped(broker, stream) };
      });
    } catch (cause) {
      throw toMillraceError(cause, `open the bucket ${bucket}`);
    }
  });

  const revisions = new Map<ActorName, Written>();
  const remember = (entry: BoardEntry, revision: number): void => {
    revisions.delete(entry.actor);
    revisions.set(entry.actor, { revision, seq: entry.seq });
    const [oldest] = revisions.keys();
    if (revisions.size > remembered && oldest !== undefined) revisions.delete(oldest);
  };

  /** A server that is killed right after it made the bucket may not know it any more. It is made again; the log fills it. */
  const using = async <T>(work: (opened: { readonly kv: KV; readonly lines: Committer }) => Promise<T>): Promise<T> => {
    try {
      return await work(await open());
    } catch (cause) {
      const isGone = await linkOf(broker.nc).guard(() => broker.jsm.streams.info(stream)).then(() => false, (reason: unknown) => apiCode(reason) === noStream);
      if (!isGone) throw cause;
      open.forget();
      revisions.clear();
      return await work(await open());
    }
  };

  /** What is there; nothing, when it is no entry. */
  const look = async (kv: KV, actor: ActorName): Promise<Written> => {
    const found = await kv.get(tokens(actor));
    return { revision: found?.revision ?? 0, seq: (found === null ? undefined : decodeEntry(found.value))?.seq ?? 0 };
  };

  async function write(kv: KV, lines: Committer, entry: BoardEntry): Promise<void> {
    const subject = `$KV.${bucket}.${tokens(entry.actor)}`;
    const body = utf8.encode(JSON.stringify(entry));
    // Most lines are new, or were last written here: written without looking first.
    let known = revisions.get(entry.actor) ?? { revision: 0, seq: 0 };
    if (known.seq > entry.seq) known = await look(kv, entry.actor);
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (known.seq > entry.seq) return;
      try {
        return remember(entry, await lines.submit({ actor: entry.actor, subject, headers: [], body, after: known.revision }));
      } catch (cause) {
        if (!wrongRevision.includes(apiCode(cause) ?? 0)) throw cause;
      }
      known = await look(kv, entry.actor);
    }
    throw new RetryableError('board_busy', `Others kept changing ${entry.actor} on the board; this entry was not stored.`, { hint: 'Put it again.' });
  }

  return {
    async put(entry) {
      try {
        await using(({ kv, lines }) => write(kv, lines, entry));
      } catch (cause) {
        throw toMillraceError(cause, `put ${entry.actor} on the board`);
      }
    },
    async list({ type, status } = {}) {
      const entries = await using(async () => {
        const found = new Map<ActorName, BoardEntry>();
        for await (const { data } of readStored(broker, stream, `$KV.${bucket}.${type ?? '*'}.*`)) {
          const entry = decodeEntry(data);
          // An entry that changes while it is listed comes twice; the later one holds.
          if (entry !== undefined) found.set(entry.actor, entry);
        }
        return found;
      });
      return [...entries.values()].filter((entry) => status === undefined || entry.status === status).sort((a, b) => (a.actor < b.actor ? -1 : 1));
    },
    async get(actor) {
      try {
        const found = await using(({ kv }) => kv.get(tokens(actor)));
        return found === null ? undefined : decodeEntry(found.value);
      } catch (cause) {
        throw toMillraceError(cause, `read ${actor} from the board`);
      }
    },
  };
}

/** Lines written in the same moment share a batch, and so an fsync, as the log's records do; where the bucket may not take batches they go one by one. */
async function grouped({ nc, jsm }: Broker, stream: string): Promise<Committer> {
  const { config } = await jsm.streams.info(stream);
  const batches = config.allow_atomic || await jsm.streams.update(stream, { ...config, allow_atomic: true }).then(() => true, () => false);
  const target = { nc, stream, timeoutMs: writeMs };
  return committer({
    one: (line) => linkOf(nc).guard(() => publishOne(target, line)),
    many: (lines) => linkOf(nc).guard(() => publishBatch(target, lines)),
    mayBeStored: () => true,
    maxPayload: payloadLimit(nc),
  }, { ...usual, inFlight: 1, ...(batches ? {} : { batchMin: Infinity }) });
}

/** An entry, if it is one: a deletion marker or somebody else's value is as good as nothing. */
export function decodeEntry(bytes: Uint8Array): BoardEntry | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<BoardEntry> | null;
    const whole = typeof value === 'object' && value !== null && typeof value.actor === 'string' && value.actor.includes('/')
      && typeof value.status === 'string' && typeof value.seq === 'number' && typeof value.at === 'number' && value.value !== undefined;
    return whole ? (value as BoardEntry) : undefined;
  } catch {
    return undefined;
  }
}
