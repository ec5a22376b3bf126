import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kvm } from '@nats-io/kv';
import { natsBoard } from '../../src/adapters/nats/board.ts';
import { natsSignals } from '../../src/adapters/nats/signals.ts';
import { boardContract } from './board.contract.ts';
import { eventually, freshBroker } from '../support/broker.ts';
import { fakeBoard } from '../support/fake/board.ts';
import { startNats, type TestNats } from '../support/nats.ts';

boardContract('in memory', () => Promise.resolve({ board: fakeBoard(), close: () => Promise.resolve() }));

let nats: TestNats;
beforeAll(async () => { nats = await startNats(); });
afterAll(async () => { await nats?.stop(); });

boardContract('JetStream KV', async () => {
  const broker = await freshBroker(nats);
  return { board: natsBoard(broker), close: () => broker.close() };
});

describe('on NATS', () => {
  it('given a value that is no entry, when the board is read, then it is passed over, and the next put replaces it', async () => {
    const broker = await freshBroker(nats);
    const board = natsBoard(broker);
    await board.put({ actor: 'build/b1', seq: 9, status: 'running', value: 'a', at: 1 });
    const kv = await new Kvm(broker.js).open(broker.names.buckets.board);
    await kv.put('build.b1', 'not json');
    await kv.put('build.b2', '{"actor":"build/b2"}');
    expect(await board.list()).toEqual([]);
    await board.put({ actor: 'build/b1', seq: 2, status: 'running', value: 'a', at: 1 });
    expect(await board.list()).toMatchObject([{ actor: 'build/b1', seq: 2 }]);
    await broker.close();
  });

  it('given somebody who listens, when a status or an emitted event is signalled, then it is heard; nobody listening is harmless', async () => {
    const broker = await freshBroker(nats);
    const signals = natsSignals(broker);
    signals.status('build/b1', { unheard: true });
    const heard: unknown[] = [];
    broker.nc.subscribe(`${broker.names.prefix}.*.build.b1`, { callback: (_, message) => { heard.push([message.subject, message.json()]); } });
    await broker.nc.flush();
    signals.status('build/b1', { status: 'running' });
    signals.emit('build/b1', { type: 'progress', percent: 5 });
    await eventually(() => heard.length === 2);
    const p = broker.names.prefix;
    expect(heard).toEqual([[`${p}.status.build.b1`, { status: 'running' }], [`${p}.emit.build.b1`, { type: 'progress', percent: 5 }]]);
    await broker.close();
    expect(() => signals.status('build/b1', {})).not.toThrow();
  });
});
