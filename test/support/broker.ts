import { openBroker, type Broker, type BrokerOptions } from '../../src/adapters/nats/broker.ts';
import { ensureStreams } from '../../src/adapters/nats/setup.ts';
import type { TestNats } from './nats.ts';

let made = 0;

/** A broker of its own on a test's server: a fresh prefix, its streams set up, in memory unless said otherwise. */
export async function freshBroker(nats: TestNats, options: Partial<BrokerOptions> = {}): Promise<Broker> {
  made++;
  const broker = await openBroker({ servers: nats.url, storage: 'memory', prefix: `t${made}`, ...options });
  await ensureStreams(broker);
  return broker;
}

/** Another connection to what `broker` is connected to. */
export function sameBroker(nats: TestNats, broker: Broker): Promise<Broker> {
  return openBroker({ servers: nats.url, storage: broker.storage, prefix: broker.names.prefix, partitions: broker.partitions });
}

/** Wait for something real. Looks often, less so after a while, and fails after `limitMs`. */
export async function eventually(done: () => boolean | Promise<boolean>, limitMs = 5000): Promise<void> {
  const end = Date.now() + limitMs;
  for (let pauseMs = 5; !(await done()); pauseMs = Math.min(20, pauseMs + 1)) {
    if (Date.now() > end) throw new Error(`the condition does not hold after ${limitMs} ms`);
    await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
  }
}
