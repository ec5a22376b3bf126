import type { Msg } from '@nats-io/transport-node';
import type { Consuming, Delivery } from '../../../runtime/ports/queue.ts';
import type { Broker } from '../broker.ts';
import { onReconnect } from '../reconnect.ts';
import type { ConsumerSpec } from './consumer.ts';
import { deliveryOf, giveBack, placeOf } from './delivery.ts';
import { pull, type PullHandlers } from './pull.ts';

/** Deliver what these durable consumers have, until stopped. */
export async function consumeAll(broker: Broker, specs: readonly ConsumerSpec[], onDelivery: (delivery: Delivery) => void, options: ConsumeOptions = {}): Promise<Consuming> {
  const partitions = await Promise.all(specs.map((spec) => consumeOne(broker, spec, onDelivery, options)));
  const stopWatching = onReconnect(broker.nc, () => { for (const partition of partitions) partition.kick(); });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopWatching();
    await Promise.all(partitions.map((partition) => partition.stop()));
  };
  return { stop: () => (stopped ??= stop()) };
}

export const together = (all: readonly Consuming[]): Consuming => ({ stop: async () => { await Promise.all(all.map((one) => one.stop())); } });

export interface ConsumingOne extends Consuming {
  /** As `stop`, but what is still on its way is handed over too: the receiver goes on, only not with this partition. */
  passOn(): Promise<void>;
  /** Ask again at once. */
  kick(): void;
  /** Others may have got what was handed over before this was stopped: its deliveries are revoked, and nothing is left to settle. Says so to nobody who has not stopped. */
  revoke(): void;
}

export interface ConsumeOptions extends Pick<PullHandlers, 'mayPull' | 'hasRoom'> {
  /** Stopped, everything that was handed over is settled, and the pin is let go of. */
  readonly onDone?: () => void;
  /** Changes when this worker was taken for dead in between: what came before may be in other hands too. */
  readonly epoch?: () => number;
  /** The receiver cannot do anything with what waits here. */
  readonly onStays?: () => void;
}

/** Who stops keeps the pin for so long at most, to settle first what it has in hand. */
const handOverMs = 700;

/**
 * One partition. When it is stopped its pin is let go of as soon as the last delivery is settled, and nobody
 * gets anything of it before that, unless it takes too long.
 */
export async function consumeOne(broker: Broker, spec: ConsumerSpec, onDelivery: (delivery: Delivery) => void, options: ConsumeOptions = {}): Promise<ConsumingOne> {
  const { onDone, mayPull, hasRoom, onStays, epoch = () => 0 } = options;
  const { nc } = broker;
  const held = new Set<number>();
  const revocation = new AbortController();
  const isOurs = (): boolean => !revocation.signal.aborted;
  let late: readonly Msg[] | undefined;
  let letGo: Promise<void> | undefined;
  let ending: Promise<void> | undefined;
  const puller = await pull(broker, spec, {
    mayPull,
    hasRoom,
    onMessage(message) {
      const { sequence } = placeOf(message);
      const cameIn = epoch();
      held.add(sequence);
      const delivery = deliveryOf(broker, message, () => {
        if (held.delete(sequence) && late !== undefined && held.size === 0) void finish(late);
      }, onStays);
      onDelivery({
        ...delivery, revoked: revocation.signal,
        isPassedOn: () => letGo !== undefined || epoch() !== cameIn,
        extend: () => { if (isOurs()) delivery.extend(); },
        retry: (delayMs) => { if (isOurs()) delivery.retry(delayMs); },
      });
    },
  });

  async function finish(unhanded: readonly Msg[]): Promise<void> {
    await (letGo ??= giveBackAll(unhanded).then(() => puller.unpin()));
    if (held.size === 0) onDone?.();
  }
  /** In order when nothing else is in hand: the server turns the order of what is given back one by one. */
  async function giveBackAll(unhanded: readonly Msg[]): Promise<void> {
    if (unhanded.length === 0 || nc.isClosed()) return;
    const oneByOne = async (): Promise<void> => { await Promise.all(unhanded.map((message) => giveBack(nc, message))); };
    await (held.size > 0 ? oneByOne() : broker.jsm.consumers.reset(spec.stream, spec.name).then(() => undefined, oneByOne));
  }
  async function end(handOver: boolean): Promise<void> {
    const unhanded = await puller.stop(handOver);
    late = unhanded;
    if (held.size === 0) await finish(unhanded);
    else setTimeout(() => { if (letGo === undefined) void finish(unhanded); }, handOverMs).unref();
  }
  return {
    kick: () => puller.kick(),
    revoke() {
      if (ending === undefined || held.size === 0) return;
      held.clear();
      revocation.abort();
      if (late !== undefined) void finish(late);
    },
    stop: () => (ending ??= end(false)),
    passOn: () => (ending ??= end(true)),
  };
}
