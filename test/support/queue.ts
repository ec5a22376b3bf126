import { expect } from 'vitest';
import type { CommandQueue, Consuming, Delivery, OutgoingCommand, ScheduledCommand } from '../../src/runtime/ports/queue.ts';

/** One empty queue and its time, real or virtual. Acknowledgement wait and priority time-out are 1 s. */
export interface QueueHarness {
  readonly prefix: string;
  readonly queue: CommandQueue;
  /** A second worker's connection. */
  another(): Promise<CommandQueue>;
  /** The worker behind this connection dies. */
  crash(queue: CommandQueue): Promise<void>;
  /** What `nats pub` does. */
  publish(subject: string, body: string, headers?: Readonly<Record<string, string>>): Promise<void>;
  now(): number;
  until(done: () => boolean, limitMs?: number): Promise<void>;
  pass(ms: number): Promise<void>;
  /** Messages in the stream, schedules among them. */
  stored(): Promise<number>;
  /** Bodies that were answered on this subject. */
  answers(subject: string): Promise<() => readonly unknown[]>;
  readonly maxPayload: number;
  close(): Promise<void>;
}

/** What the cases of the queue's contract say over and over. */
export function queueCase(h: QueueHarness) {
  const running: Consuming[] = [];
  return {
    ...h,
    /** Consume until the case is over; by default each delivery is acknowledged. */
    async consume(types: string[], queue = h.queue, each: (delivery: Delivery) => void = (delivery) => void delivery.ack(), hasRoom?: () => boolean): Promise<Delivery[]> {
      const got: Delivery[] = [];
      running.push(await queue.consume(types, (delivery) => { got.push(delivery); each(delivery); }, hasRoom));
      return got;
    },
    async consumeMalformed(): Promise<Delivery[]> {
      const got: Delivery[] = [];
      running.push(await h.queue.consumeMalformed((delivery) => { got.push(delivery); void delivery.ack(); }));
      return got;
    },
    /** The stream runs empty. */
    async empty(): Promise<void> {
      for (let tries = 0; (await h.stored()) > 0 && tries < 50; tries++) await h.pass(20);
      expect(await h.stored()).toBe(0);
    },
    async end(): Promise<void> {
      await Promise.all(running.map((each) => each.stop()));
      await h.close();
    },
  };
}

export type QueueCase = ReturnType<typeof queueCase>;

export const command = (id: string, more: Partial<OutgoingCommand> = {}): OutgoingCommand => ({ to: 'build/b1', command: 'stop', body: {}, id, ...more });
export const timer = (id: string, name: string, due: number): ScheduledCommand => ({ to: 'build/b1', command: '_timer', body: { timer: name }, id, name, due });
export const textOf = (delivery: Delivery | undefined): string => new TextDecoder().decode(delivery?.body);
export const keep = (): void => {};
