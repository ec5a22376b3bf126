import type { Broker } from '../../src/adapters/nats/broker.ts';
import { publishBatch } from '../../src/adapters/nats/group-commit/batch.ts';
import { encodeRecord } from '../../src/adapters/nats/log/codec.ts';
import type { LogRecord } from '../../src/kernel/record.ts';

/** Messages in a batch; the server takes a thousand. */
const atOnce = 900;

/** Records as they are, into the log, whatever is there: where the log is what a test or a bench begins with. */
export async function storeAll({ nc, names }: Broker, records: Iterable<LogRecord>): Promise<void> {
  const target = { nc, stream: names.streams.events, timeoutMs: 20_000 };
  let waiting: LogRecord[] = [];
  const send = async (): Promise<void> => {
    await publishBatch(target, waiting.map((record) => encodeRecord(names, record)));
    waiting = [];
  };
  for (const record of records) {
    waiting.push(record);
    if (waiting.length === atOnce) await send();
  }
  await send();
}
