import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsOutput } from '../../src/adapters/nats/output.ts';
import { outputContract } from './output.contract.ts';
import { eventually, freshBroker } from '../support/broker.ts';
import { fakeOutput } from '../support/fake/output.ts';
import { startNats, type TestNats } from '../support/nats.ts';

outputContract('in memory', () => Promise.resolve({ output: fakeOutput(), close: () => Promise.resolve() }));

let nats: TestNats;
beforeAll(async () => { nats = await startNats(); });
afterAll(async () => { await nats?.stop(); });

outputContract('JetStream', async () => {
  const broker = await freshBroker(nats);
  return { output: natsOutput(broker), close: () => broker.close() };
});

describe('build output on JetStream', () => {
  it('given a reader that follows, when nats-server is killed and started again, then it gets what comes after', async () => {
    const broker = await freshBroker(nats, { storage: 'file', reconnectTimeWait: 100 });
    const output = natsOutput(broker);
    const stop = new AbortController();
    const lines: string[] = [];
    const reading = (async () => {
      for await (const each of output.read('build/b1', { follow: true, signal: stop.signal })) lines.push(each.text);
    })();
    await output.write('build/b1', { at: 1, source: 'stdout', text: 'before' }, '1');
    await eventually(() => lines.length === 1);
    await nats.restart();
    await output.write('build/b1', { at: 1, source: 'stdout', text: 'after' }, '2');
    await eventually(() => lines.length === 2, 10_000);
    stop.abort();
    await reading;
    expect(lines).toEqual(['before', 'after']);
    await broker.close();
  });
});
