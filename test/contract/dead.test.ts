import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsDeadLetters } from '../../src/adapters/nats/dead.ts';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import type { DeadLetter } from '../../src/runtime/ports/dead.ts';
import { deadContract } from './dead.contract.ts';
import { eventually, freshBroker } from '../support/broker.ts';
import { fakeDeadLetters } from '../support/fake/dead.ts';
import { fakeQueue } from '../support/fake/queue.ts';
import { virtualClock } from '../support/fake/clock.ts';
import { startNats, type TestNats } from '../support/nats.ts';

deadContract('in memory', () => {
  const clock = virtualClock();
  const queue = fakeQueue(clock);
  return Promise.resolve({
    prefix: 'millrace', queue, dead: fakeDeadLetters(queue), until: (done) => clock.runUntil(done), close: () => Promise.resolve(),
  });
});

let nats: TestNats;
beforeAll(async () => { nats = await startNats(); });
afterAll(async () => { await nats?.stop(); });

deadContract('JetStream', async () => {
  const broker = await freshBroker(nats);
  return { prefix: broker.names.prefix, queue: natsQueue(broker), dead: natsDeadLetters(broker), until: eventually, close: () => broker.close() };
});

describe('dead letters on JetStream', () => {
  const letter: DeadLetter = {
    id: 'd-1', type: 'wh@t', actorId: 'b1', subject: 'x.cmd.wh@t.b1.stop', commandId: 'c-1', code: 'bad_subject', reason: 'no', deliveries: 1, at: 1, headers: {}, body: new Uint8Array(),
  };

  it('given the same letter outside the server\'s memory of ids, when it is dropped, then every copy is gone', async () => {
    const broker = await freshBroker(nats);
    const stream = broker.names.streams.dead;
    await broker.jsm.streams.update(stream, { duplicate_window: 100 * 1e6 });
    const dead = natsDeadLetters(broker);
    await dead.put(letter);
    await new Promise((resolve) => { setTimeout(resolve, 250); });
    await dead.put({ ...letter, deliveries: 2 });
    expect((await broker.jsm.streams.info(stream)).state.messages).toBe(1);
    // A redelivery that is counted as a first one, as after a consumer reset.
    await dead.put(letter);
    expect((await broker.jsm.streams.info(stream)).state.messages).toBe(2);
    expect(await dead.list()).toHaveLength(1);
    await dead.drop('d-1');
    expect((await broker.jsm.streams.info(stream)).state.messages).toBe(0);
    await broker.close();
  });

  it('given a malformed type, when it is put, then its subject says so', async () => {
    const broker = await freshBroker(nats);
    await natsDeadLetters(broker).put(letter);
    const { state } = await broker.jsm.streams.info(broker.names.streams.dead, { subjects_filter: '>' });
    expect(Object.keys(state.subjects ?? {})).toEqual([`${broker.names.prefix}.dead._malformed.b1`]);
    await broker.close();
  });

  it('given a body that fills a message to the brim, when it is put, then its beginning is kept and a retry is refused', async () => {
    const broker = await freshBroker(nats);
    const dead = natsDeadLetters(broker);
    const limit = broker.nc.info?.max_payload ?? 0;
    await dead.put({ ...letter, body: new Uint8Array(limit - 10).fill(65) });
    expect((await dead.get('d-1'))?.headers).toEqual({ 'Millrace-Dead-Cut-From': String(limit - 10) });
    await expect(dead.retry('d-1')).rejects.toMatchObject({ code: 'dead_letter_cut', retryable: false });
    expect(await dead.list()).toHaveLength(1);
    await broker.close();
  });

  it('given more letters than a page, when they are listed, then all come, in order', async () => {
    const broker = await freshBroker(nats);
    const dead = natsDeadLetters(broker);
    for (let n = 0; n < 600; n += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => dead.put({ ...letter, id: `d-${n + i}` })));
    expect(new Set((await dead.list()).map((each) => each.id)).size).toBe(600);
    await broker.close();
  });
});
