import { expect } from 'vitest';
import type { Broker, BrokerOptions } from '../../src/adapters/nats/broker.ts';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import { workers } from '../../src/adapters/nats/workers/list.ts';
import { workerQueue, type WorkerQueueOptions } from '../../src/adapters/nats/workers/queue.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import type { Delivery } from '../../src/runtime/ports/queue.ts';
import { eventually, freshBroker, sameBroker } from './broker.ts';
import type { TestNats } from './nats.ts';

export interface Got {
  readonly worker: string;
  readonly delivery: Delivery;
  readonly at: number;
}

export interface TeamWorker {
  readonly name: string;
  /** Its connection. */
  readonly broker: Broker;
  got(): readonly Got[];
  stop(): Promise<void>;
  /** Cut its connection, as a death would. */
  crash(): Promise<void>;
}

export interface TeamOptions extends Partial<WorkerQueueOptions> {
  readonly types?: readonly string[];
  /** By default each delivery is acknowledged. */
  readonly each?: (delivery: Delivery) => void;
  /** What the worker sees of its connection. */
  readonly through?: (broker: Broker) => Broker;
}

/** Several workers in this process, each with a connection of its own, on a fresh prefix; in memory unless it is to outlive the server. */
export async function team(nats: TestNats, common: TeamOptions = {}, on: Pick<BrokerOptions, 'storage'> = {}) {
  const broker = await freshBroker(nats, on);
  const members: { readonly broker: Broker; stop: () => Promise<void> }[] = [];
  const all: Got[] = [];
  let sent = 0;
  return {
    broker,
    /** Every delivery to any worker, in the order they came. */
    all: all as readonly Got[],
    async worker(name: string, own: TeamOptions = {}): Promise<TeamWorker> {
      const { types = ['build'], each = (delivery: Delivery) => void delivery.ack().catch(() => undefined), through = (same: Broker) => same, ...queue } = { ...common, ...own };
      const connection = await sameBroker(nats, broker);
      const options = { ackWaitMs: 30_000, priorityTimeoutMs: 1_000, leaseMs: 1_000, machines: [], logger: silentLogger, ...queue };
      const consuming = await workerQueue(through(connection), options).consume(types, (delivery) => {
        all.push({ worker: name, delivery, at: Date.now() });
        each(delivery);
      });
      members.push({ broker: connection, stop: () => consuming.stop() });
      return { name, broker: connection, got: () => all.filter((one) => one.worker === name), stop: () => consuming.stop(), crash: () => connection.close() };
    },
    /** Partitions by worker, as the bucket says. */
    async served(type = 'build'): Promise<readonly (readonly number[])[]> {
      return (await workers(broker).list()).map(({ serves }) => serves[type] ?? []);
    },
    /** `count` live workers serve all partitions among them, each the same number, give or take one. */
    async settled(count: number, type = 'build', limitMs = 5_000): Promise<void> {
      await eventually(async () => {
        const shares = (await this.served(type)).filter((share) => share.length > 0);
        const sizes = shares.map((share) => share.length);
        return shares.length === count && new Set(shares.flat()).size === broker.partitions
          && sizes.reduce((sum, size) => sum + size, 0) === broker.partitions && Math.max(...sizes) - Math.min(...sizes) <= 1;
      }, limitMs);
    },
    /** One command to each of `actors` actors, numbered on. */
    async send(actors: number, type = 'build'): Promise<readonly string[]> {

      const queue = natsQueue(broker);
      const ids = Array.from({ length: actors }, () => `n-${sent++}`);
      await Promise.all(ids.map((id, n) => queue.send({ to: `${type}/b${n}`, command: 'go', body: {}, id })));
      return ids;
    },
    async close(): Promise<void> {
      await Promise.all(members.map((member) => member.stop().catch(() => undefined)));
      await Promise.all(members.map((member) => member.broker.close()));
      await broker.close();
    },
  };
}

export type Team = Awaited<ReturnType<typeof team>>;

/** Each id came once, and each actor's in the order they were sent. */
export function expectOnceInOrder(got: readonly Got[], ids: readonly string[]): void {
  expect(got.map(({ delivery }) => delivery.id).toSorted()).toEqual([...ids].toSorted());
  const last = new Map<string, number>();
  for (const { delivery } of got) {
    const number = Number(delivery.id.slice(2));
    expect(number, `${delivery.actorId} got ${delivery.id} late`).toBeGreaterThan(last.get(delivery.actorId) ?? -1);
    last.set(delivery.actorId, number);
  }
}
