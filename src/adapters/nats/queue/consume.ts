import type { Consuming, Delivery } from '../../../runtime/ports/queue.ts';
import type { Broker } from '../broker.ts';
import type { ConsumerSpec } from './consumer.ts';
import { deliveryOf, giveBack, placeOf } from './delivery.ts';
import { pull, type Puller } from './pull.ts';

/** Deliver what these durable consumers have, until stopped. */
export async function consumeAll(broker: Broker, specs: readonly ConsumerSpec[], onDelivery: (delivery: Delivery) => void): Promise<Consuming> {
  const ended = new AbortController();
  const pullers = await Promise.all(specs.map((spec) => consumeOne(broker, spec, onDelivery)));
  const statuses = broker.nc.status();
  void (async () => {
    for await (const status of statuses) {
      if (ended.signal.aborted) return;
      if (status.type === 'reconnect') for (const puller of pullers) puller.kick();
    }
  })();
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    ended.abort();
    if ('stop' in statuses && typeof statuses.stop === 'function') statuses.stop();
    await Promise.all(pullers.map((puller) => puller.stop()));
  };
  return { stop: () => (stopped ??= stop()) };
}

/** One partition. Its pin is let go of when it is stopped and the last delivery is settled. */
async function consumeOne(broker: Broker, spec: ConsumerSpec, onDelivery: (delivery: Delivery) => void): Promise<Pick<Puller, 'kick' | 'stop'>> {
  const held = new Set<number>();
  let stopped = false;
  const puller = await pull(broker, spec, {
    onMessage(message) {
      const { sequence } = placeOf(message);
      held.add(sequence);
      onDelivery(deliveryOf(broker.nc, broker.names.prefix, message, () => {
        if (held.delete(sequence) && stopped && held.size === 0) void puller.unpin();
      }));
    },
    onLate: (message) => giveBack(broker.nc, message),
  });
  return {
    kick: () => puller.kick(),
    async stop() {
      await puller.stop();
      stopped = true;
      if (held.size === 0) await puller.unpin();
    },
  };
}
