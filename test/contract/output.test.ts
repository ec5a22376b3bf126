import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamConfig } from '@nats-io/jetstream';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import type { ActorName } from '../../src/kernel/record.ts';
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

  const textsOf = async (broker: Broker, actor: ActorName): Promise<string[]> => {
    const lines: string[] = [];
    for await (const { source, text } of natsOutput(broker).read(actor, { follow: false, signal: new AbortController().signal })) lines.push(`${source}: ${text}`);
    return lines;
  };
  const bounded = async (bounds: Partial<StreamConfig>): Promise<Broker> => {
    const broker = await freshBroker(nats);
    await broker.jsm.streams.update(broker.names.streams.output, bounds);
    return broker;
  };
  const print = async (broker: Broker, actor: ActorName, lines: number, text = 'line'): Promise<void> => {
    for (let n = 1; n <= lines; n++) await natsOutput(broker).write(actor, { at: n, source: 'stdout', text: `${text} ${n}` }, `${n}`);
  };

  it('given more lines than an actor may have, when they are read, then the newest are there, and the first line says that there were more', async () => {
    const broker = await bounded({ max_msgs_per_subject: 3 });
    await print(broker, 'build/b1', 5);
    await print(broker, 'build/b2', 2);
    expect(await textsOf(broker, 'build/b1')).toEqual([
      expect.stringMatching(/^millrace: \[earlier lines may be gone: kept are the newest 3 lines of an actor, lines of the last 168 hours, 512 MiB of all actors together\]$/) as string,
      'stdout: line 3', 'stdout: line 4', 'stdout: line 5',
    ]);
    expect(await textsOf(broker, 'build/b2')).toEqual(['stdout: line 1', 'stdout: line 2']);
    await broker.close();
  });

  it('given a stream that is full, when the output of an actor from before is read, then it is told, also when nothing is left; one that came later is whole', async () => {
    const broker = await bounded({ max_bytes: 20_000 });
    const js = broker.js;
    await js.publish(broker.names.event('build/old'), '{}');
    await print(broker, 'build/old', 3);
    await print(broker, 'build/loud', 30, 'x'.repeat(1000));
    await js.publish(broker.names.event('build/new'), '{}');
    await print(broker, 'build/new', 1);
    expect(await textsOf(broker, 'build/old')).toEqual([expect.stringContaining('earlier lines may be gone') as string]);
    expect(await textsOf(broker, 'build/new')).toEqual(['stdout: line 1']);
    await broker.close();
  });

  it('given lines that became too old, when they are read, then it is told', async () => {
    const broker = await bounded({ max_age: 100 * 1e6, duplicate_window: 100 * 1e6 });
    await broker.js.publish(broker.names.event('build/old'), '{}');
    await print(broker, 'build/old', 2);
    await eventually(async () => (await broker.jsm.streams.info(broker.names.streams.output)).state.messages === 0);
    expect(await textsOf(broker, 'build/old')).toEqual([expect.stringContaining('earlier lines may be gone') as string]);
    await broker.close();
  });
});
