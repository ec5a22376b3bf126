import { afterAll, beforeAll, expect, test } from 'vitest';
import { askFor } from '../../src/adapters/nats/ask.ts';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import type { Delivery } from '../../src/runtime/ports/queue.ts';
import { freshBroker } from '../support/broker.ts';
import { startNats, type TestNats } from '../support/nats.ts';

let nats: TestNats;
let broker: Broker;
beforeAll(async () => {
  nats = await startNats();
  broker = await freshBroker(nats);
});
afterAll(async () => {
  await broker.close();
  await nats.stop();
});

const asked = { to: 'order/o1', command: 'pay', body: { amount: 3 } } as const;

test('given no worker of the type, when a command is asked for, then the error says that nobody carries it; with one that is silent, that it did not answer', async () => {
  await expect(askFor(broker, asked, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'nobody_carries', retryable: true, message: expect.stringContaining('"order"') as string });
  const silent = await natsQueue(broker).consume(['order'], () => undefined);
  await expect(askFor(broker, asked, { timeoutMs: 300, id: 'again' })).rejects.toMatchObject({ code: 'no_answer', hint: expect.stringContaining('the id again') as string });
  await silent.stop();
});

test('given a worker, when the same command id is asked for twice, then both askings reach it under that id and get their answer', async () => {
  const queue = natsQueue(broker);
  const got: Delivery[] = [];
  const consuming = await queue.consume(['parcel'], (delivery) => {
    got.push(delivery);
    queue.reply(delivery.headers['Millrace-Reply'] ?? '', { accepted: true, seq: 7 });
    void delivery.ack();
  });
  const ask = () => askFor(broker, { to: 'parcel/p1', command: 'send', body: {} }, { id: 'same', by: 'me' });
  expect(await Promise.all([ask(), ask()])).toEqual([{ accepted: true, seq: 7 }, { accepted: true, seq: 7 }]);
  expect(await ask()).toEqual({ accepted: true, seq: 7 });
  expect(got.map(({ id, headers }) => [id, headers['Millrace-By']])).toEqual([['same', 'me'], ['same', 'me'], ['same', 'me']]);
  await consuming.stop();
});
