import { setTimeout as pause } from 'node:timers/promises';
import type { StoredMsg } from '@nats-io/jetstream';
import { RetryableError } from '../../../kernel/errors.ts';
import type { ActorName, LogRecord } from '../../../kernel/record.ts';
import type { ActorLog, Position } from '../../../runtime/ports/log.ts';
import type { Broker } from '../broker.ts';
import { toMillraceError } from '../errors.ts';
import { decodeRecord, seqOf, subjectOf } from './codec.ts';
import type { Link } from './link.ts';

export interface Reading {
  readonly broker: Broker;
  readonly link: Link;
  /** Milliseconds a page may take. */
  readonly timeoutMs: number;
}

const pageSize = 256;

/**
 * One actor's log. The leader says where it ends, so that it reads its own writes; the records come in
 * pages by direct get, from whichever replica answers, until that end is reached.
 * @throws TerminalError `bad_record`, RetryableError `broker_gone` or `log_unavailable`.
 */
export async function readActor(from: Reading, actor: ActorName, fromSeq = 1, near = 0): Promise<ActorLog> {
  const { names, jsm } = from.broker;
  const subject = subjectOf(names, actor);
  try {
    const last = await from.link.guard(() => jsm.streams.getMessage(names.streams.events, { last_by_subj: subject }));
    if (last === null) return { records: [], position: 0 };
    const end = seqOf(names, last);
    if (fromSeq > end) return { records: [], position: last.seq };
    if (fromSeq === end) return { records: [decodeRecord(names, last)], position: last.seq };
    return await pages(from, subject, { fromSeq, near }, last.seq);
  } catch (cause) {
    throw toMillraceError(cause, `read the log of ${actor}`);
  }
}

async function pages(from: Reading, subject: string, { fromSeq, near }: { readonly fromSeq: number; readonly near: Position }, end: number): Promise<ActorLog> {
  const { names } = from.broker;
  const records: LogRecord[] = [];
  // The last one is read in any case: `near` may be of a history that a restored backup took away.
  let position = Math.max(0, Math.min(near, end) - 1);
  for (let short = 0; position < end;) {
    const page = await pageOf(from, subject, position + 1);
    for (const message of page) {
      if (seqOf(names, message) >= fromSeq) records.push(decodeRecord(names, message));
      position = message.seq;
    }
    if (page.length > 0) continue;
    // The replica that answered is behind the leader.
    if (++short > 8) throw behind(subject, position, end);
    await pause(25 * 2 ** short);
  }
  return { records, position };
}

/** The subject's next messages from a stream sequence on; none when there are none yet. */
async function pageOf(from: Reading, subject: string, seq: number): Promise<readonly StoredMsg[]> {
  const { jsm, names } = from.broker;
  const page: StoredMsg[] = [];
  let stop = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  // By callback: the iterator form of this client never drops its subscription.
  const whole = (): Promise<void> => new Promise((resolve, reject) => {
    timer = setTimeout(() => { reject(behind(subject, seq, seq)); }, from.timeoutMs);
    const callback = (end: { err?: Error } | null, message: StoredMsg): void => {
      if (end === null) {
        page.push(message);
        return;
      }
      if (end.err === undefined || /message not found|no results/.test(end.err.message)) resolve();
      else reject(end.err);
    };
    jsm.direct.getBatch(names.streams.events, { seq, next_by_subj: subject, batch: pageSize, callback })
      .then((batch) => { stop = () => { batch.stop(); }; }, reject);
  });
  try {
    await from.link.guard(whole);
    return page;
  } finally {
    clearTimeout(timer);
    stop();
  }
}

function behind(subject: string, position: number, end: number): RetryableError {
  return new RetryableError('log_unavailable', `Reading ${subject} stopped at position ${position}, short of ${end}.`,
    { hint: 'A replica of the events stream is behind or away; try again.' });
}
