import { afterAll, beforeAll } from 'vitest';
import { workerQueue } from '../../src/adapters/nats/workers/queue.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { queueOnJetStream } from '../support/queue-nats.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { queueContract } from './queue.contract.ts';
import { queueTimersContract } from './queue-timers.contract.ts';
import { queueWorkersContract } from './queue-workers.contract.ts';

let nats: TestNats;
beforeAll(async () => { nats = await startNats(); });
afterAll(async () => { await nats?.stop(); });

const options = { ackWaitMs: 1000, priorityTimeoutMs: 1000, leaseMs: 1000, machines: [], logger: silentLogger };

for (const contract of [queueContract, queueTimersContract, queueWorkersContract]) {
  contract('JetStream, shared by workers', () => queueOnJetStream(nats, (broker) => workerQueue(broker, options)));
}
