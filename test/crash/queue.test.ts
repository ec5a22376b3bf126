import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import type { CommandQueue, Consuming, Delivery } from '../../src/runtime/ports/queue.ts';
import { eventually, freshBroker } from '../support/broker.ts';
import { startNats, type TestNats } from '../support/nats.ts';

describe('command queue, when things die', () => {
  let nats: TestNats;
  let broker: Broker;
  let queue: CommandQueue;
  let got: Delivery[];
  let consuming: Consuming;
  beforeAll(async () => { nats = await startNats(); });
  afterAll(async () => { await nats?.stop(); });
  beforeEach(async () => {
    broker = await freshBroker(nats, { storage: 'file', reconnectTimeWait: 100 });
    queue = natsQueue(broker, { ackWaitMs: 1000, priorityTimeoutMs: 1000, attemptMs: 1000 });
    got = [];
    consuming = await queue.consume(['build'], (delivery) => {
      got.push(delivery);
      if (delivery.id !== 'held' || delivery.deliveries > 1) void delivery.ack().catch(() => undefined);
    });
  });
  afterEach(async () => {
    await consuming.stop();
    await broker.close();
  });
  const ids = (): string[] => got.map((each) => each.id);
  const send = (id: string): Promise<void> => queue.send({ to: 'build/b1', command: 'stop', body: {}, id });

  it('given a worker that consumes, when nats-server is killed and started again, then it goes on by itself, and nothing is lost', async () => {
    await send('held');
    await queue.schedule({ to: 'build/b1', command: '_timer', body: {}, id: 'timer', name: 'wait', due: Date.now() + 300 });
    await eventually(() => ids().includes('held'));
    await nats.restart();
    await send('after');
    await eventually(() => ids().includes('after') && ids().includes('timer'), 15_000);
    await eventually(() => ids().filter((id) => id === 'held').length >= 2, 15_000);
  });

  it('given a server that is away, when a command is sent meanwhile, then it is stored once as soon as the server is back', async () => {
    await nats.kill();
    let stored = false;
    const sending = send('patient').then(() => { stored = true; });
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    expect(stored).toBe(false);
    await nats.restart();
    await sending;
    await eventually(() => ids().includes('patient'), 3000);
    await send('last');
    await eventually(() => ids().includes('last'));
    expect(ids().filter((id) => id === 'patient')).toHaveLength(1);
  });

  it('given a server that stays away, when a command is sent, then it fails as retryable within its patience', async () => {
    const hasty = natsQueue(broker, { attemptMs: 200, patienceMs: 500 });
    await nats.kill();
    const failure = { code: 'broker_gone', retryable: true };
    await expect(hasty.send({ to: 'build/b1', command: 'stop', body: {}, id: 'x' })).rejects.toMatchObject(failure);
    await nats.restart();
  });

  it('given a durable consumer that somebody deleted, when commands come, then it is made again', async () => {
    const stream = broker.names.streams.commands;
    for (const { name } of await broker.jsm.consumers.list(stream).next()) await broker.jsm.consumers.delete(stream, name);
    await send('again');
    await eventually(() => ids().includes('again'), 3000);
    expect(ids()).toEqual(['again']);
  });

  it('given a command that is acknowledged while the server is away, when the server is back, then the acknowledgement gets there', async () => {
    await send('held');
    await eventually(() => ids().includes('held'));
    await nats.kill();
    const acknowledged = got[0]?.ack();
    await nats.restart();
    await expect(acknowledged).resolves.toBeUndefined();
    // A killed server may have forgotten that it delivered it; then it comes once more.
    await eventually(async () => (await broker.jsm.streams.info(broker.names.streams.commands)).state.messages === 0, 3000);
  });
});
