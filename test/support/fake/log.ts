import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import type { ActorName, LogRecord } from '../../../src/kernel/record.ts';
import { AppendConflict } from '../../../src/runtime/ports/conflict.ts';
import type { EventLog } from '../../../src/runtime/ports/log.ts';
import { encodeRecord, subjectOf } from '../../../src/adapters/nats/log/codec.ts';
import { sizeOf } from '../../../src/adapters/nats/group-commit/wire.ts';
import { namesFor } from '../../../src/adapters/nats/names.ts';

/**
 * What goes wrong with one append.
 * - `lose_ack`: stored, but the caller hears `log_unavailable`.
 * - `lose_publish`: not stored; the caller hears `log_unavailable`.
 * - `conflict`: not stored; the caller hears AppendConflict.
 */
export type LogFault = 'lose_ack' | 'lose_publish' | 'conflict';

export interface FakeLogOptions {
  /**
   * Asked before every append, counted from 1: what goes wrong, if anything. A promise delays the append
   * until it resolves; a throw is the append's own error, and nothing is stored.
   */
  readonly faults?: (record: LogRecord, append: number) => LogFault | undefined | Promise<LogFault | undefined>;
  /** As the server's. Default 1 MiB. */
  readonly maxPayload?: number;
}

export interface FakeLog extends EventLog {
  /** What is stored of one actor. */
  records(actor: ActorName): readonly LogRecord[];
  close(): Promise<void>;
}

const names = namesFor();

/** The event log in memory, with the semantics of the real one. */
export function fakeLog(options: FakeLogOptions = {}): FakeLog {
  const { faults = () => undefined, maxPayload = 1024 * 1024 } = options;
  const stored: LogRecord[] = [];
  const logs = new Map<ActorName, { readonly records: LogRecord[]; position: number }>();
  const listeners = new Set<() => void>();
  let appends = 0;
  const lastOf = (actor: ActorName): number => logs.get(actor)?.position ?? 0;
  const of = (actor: ActorName): readonly LogRecord[] => logs.get(actor)?.records ?? [];
  const store = (record: LogRecord): number => {
    const position = stored.push(record);
    const its = logs.get(record.actor) ?? { records: [], position };
    its.records.push(record);
    its.position = position;
    logs.set(record.actor, its);
    return position;
  };

  return {
    records: (actor) => [...of(actor)],
    append: async (given, after) => {
      const size = sizeOf({ ...encodeRecord(names, given), after });
      if (size > maxPayload) {
        throw new TerminalError('payload_too_large', `A record of ${given.actor} takes ${size} bytes; the broker takes at most ${maxPayload}.`,
          { hint: 'Put big things in the object store and pass their digest.' });
      }
      // A copy, as it would come back from a broker.
      const record = { ...given, data: JSON.parse(JSON.stringify(given.data)) as LogRecord['data'] };
      const fault = await faults(record, ++appends);
      if (fault === 'lose_publish') throw unavailable(record);
      if (fault === 'conflict' || lastOf(record.actor) !== after) throw new AppendConflict(record.actor, after);
      const position = store(record);
      for (const wake of listeners) wake();
      if (fault === 'lose_ack') throw unavailable(record);
      return position;
    },
    read: async (actor, fromSeq = 1) => {
      subjectOf(names, actor);
      return { records: of(actor).filter((record) => record.seq >= fromSeq), position: lastOf(actor) };
    },
    readAll: ({ actor } = {}) => {
      if (actor !== undefined) subjectOf(names, actor);
      const now = actor === undefined ? [...stored] : [...of(actor)];
      return (async function* () { yield* now; })();
    },
    follow: ({ actor, fromStart = false, signal }) => {
      if (actor !== undefined) subjectOf(names, actor);
      const start = fromStart ? 0 : stored.length;
      return (async function* () {
        for (let next = start; !signal.aborted;) {
          const record = stored[next];
          if (record === undefined) await wait(listeners, signal);
          else {
            next++;
            if (actor === undefined || record.actor === actor) yield record;
          }
        }
      })();
    },
    close: async () => undefined,
  };
}

/** Until something is stored, or the reader is told to end. */
function wait(listeners: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      listeners.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    listeners.add(done);
    signal.addEventListener('abort', done);
  });
}

function unavailable(record: LogRecord): RetryableError {
  return new RetryableError('log_unavailable', `The append to ${record.actor} could not be settled; it may or may not be stored.`);
}
