import type { StoredMsg } from '@nats-io/jetstream';
import { RetryableError } from '../../kernel/errors.ts';
import type { Broker } from './broker.ts';
import { toMillraceError } from './errors.ts';

const pageSize = 256;
const pageTimeoutMs = 5_000;

/**
 * What a stream holds on a subject (wildcards allowed), oldest first, a page in memory at a time. Any
 * replica may answer, so a cluster may show a write a moment late.
 */
export async function* readStored(broker: Broker, stream: string, subject: string): AsyncGenerator<StoredMsg, void> {
  try {
    for (let seq = 1; ;) {
      const page = await pageFrom(broker, stream, subject, seq);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || last.pending === 0) return;
      seq = last.seq + 1;
    }
  } catch (cause) {
    throw toMillraceError(cause, `read ${subject}`);
  }
}

async function pageFrom(broker: Broker, stream: string, subject: string, seq: number): Promise<readonly StoredMsg[]> {
  const page: StoredMsg[] = [];
  let stop = (): void => {};
  try {
    // By callback: the iterator form of this client never drops its subscription.
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => { reject(new RetryableError('broker_gone', `Reading ${subject} got no answer within ${pageTimeoutMs} ms.`)); }, pageTimeoutMs);
      const callback = (end: { err?: Error } | null, message: StoredMsg): void => {
        if (end === null) {
          page.push(message);
          return;
        }
        clearTimeout(timer);
        if (end.err === undefined || /message not found|no results/.test(end.err.message)) resolve();
        else reject(end.err);
      };
      broker.jsm.direct.getBatch(stream, { seq, next_by_subj: subject, batch: pageSize, callback })
        .then((batch) => { stop = () => { batch.stop(); }; }, (cause: Error) => { clearTimeout(timer); reject(cause); });
    });
    return page;
  } finally {
    stop();
  }
}
