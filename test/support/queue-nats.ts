import { setTimeout as delay } from 'node:timers/promises';
import { headers as newHeaders } from '@nats-io/transport-node';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import type { CommandQueue } from '../../src/runtime/ports/queue.ts';
import { eventually, freshBroker, sameBroker } from './broker.ts';
import type { TestNats } from './nats.ts';
import type { QueueHarness } from './queue.ts';

/** What a queue's contract needs, on a real server. `make` opens a queue on a connection. */
export async function queueOnJetStream(nats: TestNats, make: (broker: Broker) => CommandQueue): Promise<QueueHarness> {
  const broker = await freshBroker(nats);
  const others = new Map<CommandQueue, Broker>();
  return {
    prefix: broker.names.prefix,
    queue: make(broker),
    maxPayload: broker.nc.info?.max_payload ?? 0,
    async another() {
      const connection = await sameBroker(nats, broker);
      const queue = make(connection);
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
