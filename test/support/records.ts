import { createHash } from 'node:crypto';
import type { JsonObject } from '../../src/kernel/json.ts';
import type { ActorName, LogRecord } from '../../src/kernel/record.ts';
import type { EventLog, Position } from '../../src/runtime/ports/log.ts';

export const stamp = { name: 'order', version: '1.0.0', hash: 'ab12' } as const;

/** A record with a chain over its predecessor's, for tests of the log alone. */
export function makeRecord(actor: ActorName, seq: number, data: JsonObject = { n: seq }, over: Partial<LogRecord> = {}): LogRecord {
  const chain = createHash('sha256').update(JSON.stringify([actor, seq, data, over])).digest('hex');
  return { actor, seq, at: 1_700_000_000_000 + seq, type: 'pay', cause: `cmd-${seq}`, machine: stamp, data, chain, ...over };
}

/** Append records 1 to `count` one after the other; the last position. */
export async function grow(log: EventLog, actor: ActorName, count: number): Promise<Position> {
  let position = 0;
  for (let seq = 1; seq <= count; seq++) position = await log.append(makeRecord(actor, seq), position);
  return position;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
