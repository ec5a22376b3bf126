import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kvm } from '@nats-io/kv';
import { natsSnapshots } from '../../src/adapters/nats/snapshots.ts';
import { freshBroker } from '../support/broker.ts';
import { fakeSnapshots } from '../support/fake/snapshots.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { snapshotsContract } from './snapshots.contract.ts';

snapshotsContract('in memory', () => Promise.resolve({ snapshots: fakeSnapshots(), close: () => Promise.resolve() }));

let nats: TestNats;
beforeAll(async () => { nats = await startNats(); });
afterAll(async () => { await nats?.stop(); });

snapshotsContract('JetStream KV', async () => {
  const broker = await freshBroker(nats);
  return { snapshots: natsSnapshots(broker), close: () => broker.close() };
});

describe('snapshots on NATS', () => {
  it('given something that is no snapshot, when it is read, then there is none', async () => {
    const broker = await freshBroker(nats);
    const kv = await new Kvm(broker.js).create(broker.names.buckets.snapshots);
    for (const text of ['not json', '{"seq":1}', 'null', '']) {
      await kv.put('build.b1', text);
      expect(await natsSnapshots(broker).get('build/b1')).toBeUndefined();
    }
    await broker.close();
  });

  it('given the bucket was taken away, when a snapshot is put, then it says so once, and the next one makes the bucket again', async () => {
    const broker = await freshBroker(nats);
    const snapshots = natsSnapshots(broker);
    const snapshot = { seq: 1, position: 1, state: {} };
    await snapshots.put('build/b1', snapshot);
    await broker.jsm.streams.delete(`KV_${broker.names.buckets.snapshots}`);
    expect(await snapshots.get('build/b1')).toBeUndefined();
    await snapshots.put('build/b1', snapshot).catch(() => undefined);
    await snapshots.put('build/b1', snapshot);
    expect(await snapshots.get('build/b1')).toEqual(snapshot);
    await broker.close();
  });

  it('given a state that no message can carry, when it is put, then that is said with the size and the limit', async () => {
    const broker = await freshBroker(nats);
    await expect(natsSnapshots(broker).put('build/b1', { seq: 1, position: 1, state: 'x'.repeat(1024 * 1024) })).rejects.toThrow(/takes \d+ bytes; the broker takes at most \d+/);
    await broker.close();
  });
});
