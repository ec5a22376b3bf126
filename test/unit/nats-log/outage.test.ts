import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBroker, type Broker } from '../../../src/adapters/nats/broker.ts';
import { natsLog, type NatsLog } from '../../../src/adapters/nats/log/log.ts';
import { ensureStreams } from '../../../src/adapters/nats/setup.ts';
import type { ActorName, LogRecord } from '../../../src/kernel/record.ts';
import { startNats, type TestNats } from '../../support/nats.ts';
import { collect, makeRecord } from '../../support/records.ts';

let nats: TestNats;
let broker: Broker;
let log: NatsLog;

beforeEach(async () => {
  nats = await startNats();
  broker = await openBroker({ servers: nats.url });
  await ensureStreams(broker);
  log = natsLog(broker);
});
afterEach(async () => {
  await broker?.close();
  await log?.close();
  await nats?.stop();
});

describe('nats-server is killed', () => {
  it.each([[50, 10], [5, 100]])('given %i actors appending %i records each, when the server is killed twice and comes back, then every append just waits and succeeds, once', async (actors, each) => {
    const names = Array.from({ length: actors }, (_, index): ActorName => `order/o${index}`);
    const acknowledged = new Map<number, LogRecord>();
    const total = actors * each;
    let restarting: Promise<void> | undefined;
    const restartAt = new Set([Math.floor(total / 3), Math.floor((2 * total) / 3)]);
    await Promise.all(names.map(async (actor) => {
      let position = 0;
      for (let seq = 1; seq <= each; seq++) {
        position = await log.append(makeRecord(actor, seq), position);
        acknowledged.set(position, makeRecord(actor, seq));
        if (restartAt.has(acknowledged.size)) restarting = nats.restart();
      }
    }));
    await restarting;
    expect(acknowledged.size).toBe(total);
    const stored = await collect(log.readAll());
    expect(stored).toHaveLength(total);
    for (const actor of names) expect((await log.read(actor)).records).toEqual(Array.from({ length: each }, (_, index) => makeRecord(actor, index + 1)));
    for (const [position, record] of acknowledged) {
      const message = await broker.jsm.streams.getMessage(broker.names.streams.events, { seq: position });
      expect(message?.header.get('Millrace-Chain')).toBe(record.chain);
    }
  });

  it('given a follower, when the server is killed and comes back, then it goes on without a gap or a double', async () => {
    const control = new AbortController();
    const seen: number[] = [];
    let position = await log.append(makeRecord('order/o1', 1), 0);
    for await (const record of log.follow({ actor: 'order/o1', fromStart: true, signal: control.signal })) {
      seen.push(record.seq);
      if (record.seq === 2) await nats.restart();
      if (record.seq === 4) control.abort();
      else position = await log.append(makeRecord('order/o1', record.seq + 1), position);
    }
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('given a server that stays away, when patience ends, then appends and reads say so and may be tried again', async () => {
    const hasty = natsLog(broker, { patienceMs: 300, timeoutMs: 200 });
    await nats.kill();
    await expect(hasty.append(makeRecord('order/o1', 1), 0)).rejects.toMatchObject({ code: 'log_unavailable', retryable: true });
    await nats.restart();
    expect((await log.read('order/o1')).records.length).toBeLessThan(2);
  });
});
