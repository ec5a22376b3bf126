import { setTimeout as delay } from 'node:timers/promises';
import { headers as newHeaders } from '@nats-io/transport-node';
import { afterAll, beforeAll } from 'vitest';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import type { CommandQueue } from '../../src/runtime/ports/queue.ts';
import { queueContract } from './queue.contract.ts';
import { queueTimersContract } from './queue-timers.contract.ts';
import { queueWorkersContract } from './queue-workers.contract.ts';
import type { QueueHarness } from '../support/queue.ts';
import { eventually, freshBroker, sameBroker } from '../support/broker.ts';
import { fakeQueue, type FakeQueue } from '../support/fake/queue.ts';
import { virtualClock } from '../support/fake/clock.ts';
import { startNats, type TestNats } from '../support/nats.ts';

const times = { ackWaitMs: 1000, priorityTimeoutMs: 1000 };

function inMemory(): Promise<QueueHarness> {
  const clock = virtualClock();
  const maxPayload = 64 * 1024;
  const queue = fakeQueue(clock, { ...times, maxPayload });
  return Promise.resolve({
    prefix: 'millrace', queue, maxPayload,
    another: () => Promise.resolve(queue.connect()),
    crash: (dying) => { (dying as FakeQueue).crash(); return Promise.resolve(); },
    publish: (subject, body, headers) => queue.publish(subject, body, headers),
    now: () => clock.now(),
    until: (done, limitMs = 5000) => clock.runUntil(done, limitMs),
    pass: (ms) => clock.advance(ms),
    stored: () => Promise.resolve(queue.stored().length + queue.schedules().length),
    answers: (subject) => Promise.resolve(() => queue.replies.filter((each) => each.subject === subject).map((each) => each.body)),
    close: () => Promise.resolve(),
  });
}

let nats: TestNats;
beforeAll(async () => { nats = await startNats(); });
afterAll(async () => { await nats?.stop(); });

async function onJetStream(): Promise<QueueHarness> {
  const broker = await freshBroker(nats);
  const others = new Map<CommandQueue, Broker>();
  return {
    prefix: broker.names.prefix,
    queue: natsQueue(broker, times),
    maxPayload: broker.nc.info?.max_payload ?? 0,
    async another() {
      const connection = await sameBroker(nats, broker);
      const queue = natsQueue(connection, times);
      others.set(queue, connection);
      return queue;
    },
    async crash(queue) { await others.get(queue)?.close(); },
    async publish(subject, body, given = {}) {
      const headers = newHeaders();
      for (const [name, value] of Object.entries(given)) headers.set(name, value);
      await broker.js.publish(subject, body, { headers });
    },
    now: () => Date.now(),
    until: eventually,
    pass: (ms) => delay(ms),
    stored: async () => (await broker.jsm.streams.info(broker.names.streams.commands)).state.messages,
    async answers(subject) {
      const got: unknown[] = [];
      broker.nc.subscribe(subject, { callback: (_, message) => { got.push(message.json()); } });
      await broker.nc.flush();
      return () => got;
    },
    async close() {
      await Promise.all([...others.values()].map((each) => each.close()));
      await broker.close();
    },
  };
}

for (const contract of [queueContract, queueTimersContract, queueWorkersContract]) {
  contract('in memory', inMemory);
  contract('JetStream', onJetStream);
}
