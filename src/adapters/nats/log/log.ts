import { TerminalError } from '../../../kernel/errors.ts';
import type { EventLog } from '../../../runtime/ports/log.ts';
import type { Broker } from '../broker.ts';
import { apiCode } from '../errors.ts';
import { publishBatch } from '../group-commit/batch.ts';
import { encodeRecord, subjectOf } from './codec.ts';
import { committer, usual, type CommitterOptions } from '../group-commit/committer.ts';
import { watchLink } from './link.ts';
import { readActor } from './read.ts';
import { scan } from './scan.ts';
import { appendOne, isTransient, type Append } from './settle.ts';
import { payloadLimit, sizeOf } from '../group-commit/wire.ts';

export interface NatsLogOptions extends Partial<CommitterOptions> {
  /** Milliseconds one request may take. Default 5000. */
  readonly timeoutMs?: number;
  /** Milliseconds an append is tried for while the broker is away. Default 30000. */
  readonly patienceMs?: number;
  /** Messages that are no records, met by `readAll` and `follow`, which skip them. */
  readonly onBad?: (error: TerminalError) => void;
}

export interface NatsLog extends EventLog {
  /** Take nothing new; resolves when every append under way is settled. The broker stays open. */
  close(): Promise<void>;
}

/** The event log on JetStream, with group commit: see `docs/decisions/0001-group-commit.md`. */
export function natsLog(broker: Broker, options: NatsLogOptions = {}): NatsLog {
  const { nc, jsm, names } = broker;
  const { timeoutMs = 5000, patienceMs = 30_000, onBad: report = () => undefined, ...committing } = options;
  const stream = names.streams.events;
  const link = watchLink(nc, timeoutMs);
  let closing = false;
  const maxPayload = payloadLimit(nc);
  const target = { nc, jsm, stream, link, timeoutMs, patienceMs, isClosing: () => closing };
  const commits = committer<Append>({
    one: (append, doubt) => appendOne(target, append, doubt),
    many: (appends) => link.guard(() => publishBatch(target, appends)),
    mayBeStored: (cause) => apiCode(cause) === undefined || isTransient(cause),
    maxPayload,
  }, { ...usual, ...committing });
  const reading = { broker, link, timeoutMs };
  const head = async (): Promise<number> => (await link.guard(() => jsm.streams.info(stream))).state.last_seq;
  const headOf = async (subject: string): Promise<number> => (await link.guard(() => jsm.streams.getMessage(stream, { last_by_subj: subject })))?.seq ?? 0;

  return {
    append: async (record, after) => {
      if (closing) throw closed();
      const append = { ...encodeRecord(names, record), after };
      requireFit(append, maxPayload());
      return commits.submit(append);
    },
    read: (actor, fromSeq, near) => readActor(reading, actor, fromSeq, near),
    readAll: ({ actor, onBad = report } = {}) => {
      const subject = actor === undefined ? undefined : subjectOf(names, actor);
      const until = early(subject === undefined ? head() : headOf(subject));
      return scan(broker, link, async () => ({ ...(subject === undefined ? {} : { subject }), start: 1, until: await until, onBad }));
    },
    follow: ({ actor, fromStart = false, signal, onBad = report }) => {
      const subject = actor === undefined ? {} : { subject: subjectOf(names, actor) };
      const start = early(fromStart ? Promise.resolve(1) : head().then((last) => last + 1));
      return scan(broker, link, async () => ({ ...subject, start: await start, signal, onBad }));
    },
    close: async () => {
      closing = true;
      await commits.idle();
      link.close();
    },
  };
}

/** Asked for at the call, failing only for who iterates. */
function early<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

function requireFit(append: Append, limit: number): void {
  const size = sizeOf(append);
  if (size <= limit) return;
  throw new TerminalError('payload_too_large', `A record of ${append.actor} takes ${size} bytes; the broker takes at most ${limit}.`,
    { hint: 'Put big things in the object store and pass their digest, or raise max_payload in the configuration of nats-server.' });
}

function closed(): TerminalError {
  return new TerminalError('log_closed', 'The log is closed and takes no more appends.', { hint: 'Open a new one.' });
}
