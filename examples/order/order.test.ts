import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { connect, type Millrace, type Worker } from '../../src/index.ts';
import { orderDefinition } from './order.ts';

let nats: TestNats;
let millrace: Millrace;
let worker: Worker;
const charged = new Map<string, number>();
const refunded = new Set<string>();

const order = orderDefinition({
  charge: async (amount, key) => {
    if (amount > 1_000) throw new Error('card declined');
    charged.set(key, amount);
    return `receipt for ${key}`;
  },
  refund: async (receipt) => void refunded.add(receipt),
}, 300);

beforeAll(async () => {
  nats = await startNats();
  millrace = await connect({ servers: nats.url });
  worker = await millrace.worker({ machines: [order] });
});

afterAll(async () => {
  await worker.stop();
  await millrace.close();
  await nats.stop();
});

const ended = ['completed', 'failed', 'cancelled'];

test('given an order that is paid, when it is picked up, then it is delivered and was charged once', async () => {
  await millrace.send('order/o1', 'create', { amount: 20 });
  await millrace.until(order, 'order/o1', (view) => view.value === 'ready');
  await millrace.send('order/o1', 'pick-up');
  const view = await millrace.until(order, 'order/o1', ({ status }) => ended.includes(status));
  expect(view).toMatchObject({ status: 'completed', value: 'delivered' });
  expect(charged.get('order/o1#1:0')).toBe(20);
});

test('given an order nobody picks up, when two reminders have passed, then the money is given back', async () => {
  await millrace.send('order/o2', 'create', { amount: 5 });
  const view = await millrace.until(order, 'order/o2', ({ status }) => ended.includes(status));
  expect(view).toMatchObject({ status: 'cancelled', value: 'refunded', context: { reminders: 2 } });
  expect(refunded).toContain('receipt for order/o2#1:0');
  const types = (await millrace.history('order/o2')).map((record) => record.type);
  expect(types).toEqual(['actor.created', 'activity.completed', 'timer.fired', 'timer.fired', 'timer.fired', 'activity.completed']);
});

test('given a card that is declined, when the order is charged, then it fails and takes nothing more', async () => {
  await millrace.send('order/o3', 'create', { amount: 5_000 });
  const view = await millrace.until(order, 'order/o3', ({ status }) => ended.includes(status));
  expect(view).toMatchObject({ status: 'failed', value: 'declined' });
  expect(await millrace.send('order/o3', 'pick-up')).toMatchObject({ accepted: false, code: 'actor_ended', allowed: [] });
});
