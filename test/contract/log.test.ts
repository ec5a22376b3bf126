import { afterAll, beforeAll } from 'vitest';
import { openBroker, type Broker } from '../../src/adapters/nats/broker.ts';
import { natsLog } from '../../src/adapters/nats/log/log.ts';
import { ensureStreams } from '../../src/adapters/nats/setup.ts';
import { fakeLog } from '../support/fake/log.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { logContract } from './log.contract.ts';

let nats: TestNats;
const brokers: Broker[] = [];

beforeAll(async () => { nats = await startNats(); });
afterAll(async () => {
  await Promise.all(brokers.map((broker) => broker.close()));
  await nats?.stop();
});

const fake = fakeLog();
logContract('fake', async () => fake);

for (const storage of ['file', 'memory'] as const) {
  logContract(`JetStream, ${storage}`, async () => {
    const broker = await openBroker({ servers: nats.url, prefix: `log-${storage}`, storage });
    brokers.push(broker);
    await ensureStreams(broker);
    return natsLog(broker);
  });
}
