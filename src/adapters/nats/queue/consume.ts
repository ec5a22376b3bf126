import type { Consuming, Delivery } from '../../../runtime/ports/queue.ts';
import type { Broker } from '../broker.ts';
import { onReconnect } from '../reconnect.ts';
import type { ConsumerSpec } from './consumer.ts';
import { deliveryOf, giveBack, placeOf } from './delivery.ts';
import { pull, type PullHandlers } from './pull.ts';

/** Deliver what these durable consumers have, until stopped. */
export async function consumeAll(broker: Broker, specs: readonly ConsumerSpec[], onDelivery: (delivery: Delivery) => void): Promise<Consuming> {
  const partitions = await Promise.all(specs.map((spec) => consumeOne(broker, spec, onDelivery)));
  const stopWatching = onReconnect(broker.nc, () => { for (const partition of partitions) partition.kick(); });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopWatching();
    await Promise.all(partitions.map((partition) => partition.stop()));
  };
  return { stop: () => (stopped ??= stop()) };
}

export interface ConsumingOne extends Consuming {
  /** Ask again at once. */
  kick(): void;
  /** Let go of the pin although something is in hand: the next worker need not wait for it. */
  unpin(): Promise<void>;
  /** Something was handed over and is not settled. */
  isBusy(): boolean;
}

export interface ConsumeOptions extends Pick<PullHandlers, 'mayPull'> {
  /** Stopped, and everything that was handed over is settled. */
  readonly onDone?: () => void;
}

/** One partition. Its pin is let go of when it is stopped and the last delivery is settled. */
export async function consumeOne(broker: Broker, spec: ConsumerSpec, onDelivery: (delivery: Delivery) => void, options: ConsumeOptions = {}): Promise<ConsumingOne> {
  const { onDone, mayPull } = options;
  const held = new Set<number>();
  let stopped = false;
  const puller = await pull(broker, spec, {
    ...(mayPull === undefined ? {} : { mayPull }),
    onMessage(message) {
      const { sequence } = placeOf(message);
      held.add(sequence);
      onDelivery(deliveryOf(broker.nc, broker.names.prefix, message, () => {
        if (held.delete(sequence) && stopped && held.size === 0) void done();
      }));
    },
    onLate: (message) => giveBack(broker.nc, message),
  });
  const done = async (): Promise<void> => {
    await puller.unpin();
    onDone?.();
  };
  return {
    kick: () => puller.kick(),
    unpin: () => puller.unpin(),
    isBusy: () => held.size > 0,
    async stop() {
      await puller.stop();
      stopped = true;
      if (held.size === 0) await done();
    },
  };
}
