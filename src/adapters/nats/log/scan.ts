import { DeliverPolicy } from '@nats-io/jetstream';
import { TerminalError } from '../../../kernel/errors.ts';
import type { LogRecord } from '../../../kernel/record.ts';
import type { Broker } from '../broker.ts';
import { toMillraceError } from '../errors.ts';
import { decodeRecord, type StoredRecord } from './codec.ts';
import type { Link } from './link.ts';

export interface Scan {
  /** Only this subject. */
  readonly subject?: string;
  /** First stream sequence. */
  readonly start: number;
  /** Last stream sequence; without it the scan follows what comes. */
  readonly until?: number;
  readonly signal?: AbortSignal;
  /** A message that is no record is reported and skipped: it must not stop the readers of other actors. */
  readonly onBad: (error: TerminalError) => void;
}

/** Messages fetched ahead of the reader. */
const ahead = 512;

/** The events stream in its own order, through one ordered consumer that lives as long as the iteration. */
export async function* scan(broker: Broker, link: Link, scanning: () => Promise<Scan>): AsyncGenerator<LogRecord, void> {
  const { names, js } = broker;
  try {
    const { subject, start, until, signal, onBad } = await scanning();
    if (signal?.aborted || (until !== undefined && until < start)) return;
    const consumer = await link.guard(() => js.consumers.get(names.streams.events, {
      deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start, inactive_threshold: 60_000,
      ...(subject === undefined ? {} : { filter_subjects: subject }),
    }));
    // A short expiry: after a restart of the server the client looks for its consumer only that often.
    const messages = await consumer.consume({ max_messages: ahead, expires: 2000 });
    const stop = (): void => void messages.close();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      for await (const message of messages) {
        if (signal?.aborted) return;
        const record = decode(broker, { subject: message.subject, seq: message.seq, header: message.headers, data: message.data }, onBad);
        if (record !== undefined) yield record;
        if (until !== undefined && (message.seq >= until || message.info.pending === 0)) return;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      await messages.close();
      // A consumer nobody deletes goes by itself after its inactivity threshold.
      consumer.delete().catch(() => undefined);
    }
  } catch (cause) {
    throw toMillraceError(cause, 'read the events stream');
  }
}

function decode(broker: Broker, message: StoredRecord, onBad: (error: TerminalError) => void): LogRecord | undefined {
  try {
    return decodeRecord(broker.names, message);
  } catch (cause) {
    if (!(cause instanceof TerminalError)) throw cause;
    onBad(cause);
    return undefined;
  }
}
