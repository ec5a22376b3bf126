import { afterAll, beforeAll } from 'vitest';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import { queueContract } from './queue.contract.ts';
import { queueTimersContract } from './queue-timers.contract.ts';
import { queueWorkersContract } from './queue-workers.contract.ts';
import type { QueueHarness } from '../support/queue.ts';
import { queueOnJetStream } from '../support/queue-nats.ts';
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

for (const contract of [queueContract, queueTimersContract, queueWorkersContract]) {
  contract('in memory', inMemory);
  contract('JetStream', () => queueOnJetStream(nats, (broker) => natsQueue(broker, times)));
}
