import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Objm } from '@nats-io/obj';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsBlobs } from '../../src/adapters/nats/blobs.ts';
import { openBroker, type Broker } from '../../src/adapters/nats/broker.ts';
import { natsEntities } from '../../src/adapters/nats/entities.ts';
import { fakeBlobs } from '../support/fake/blobs.ts';
import { fakeEntities } from '../support/fake/entities.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { bytesOf, stream } from '../unit/sources/support/archives.ts';
import { blobsContract } from './blobs.contract.ts';
import { entitiesContract } from './entities.contract.ts';

let nats: TestNats;
const brokers: Broker[] = [];
const broker = async (prefix: string): Promise<Broker> => {
  const made = await openBroker({ servers: nats.url, prefix });
  brokers.push(made);
  return made;
};

beforeAll(async () => { nats = await startNats(); });
afterAll(async () => {
  await Promise.all(brokers.map((one) => one.close()));
  await nats?.stop();
});

const inMemory = fakeEntities();
entitiesContract('fake', async () => inMemory);
entitiesContract('JetStream KV', async () => natsEntities(await broker('entities')));

blobsContract('fake', async () => {
  const blobs = fakeBlobs();
  return {
    blobs, stored: async () => [...blobs.stored.keys()],
    damage: async (digest) => { blobs.stored.set(digest, Buffer.from('other')); },
  };
});

/** Chunks are counted too: one that no object owns is litter. */
async function subjectsOf({ jsm, names }: Broker): Promise<string[]> {
  const found = await jsm.streams.info(`OBJ_${names.buckets.blobs}`, { subjects_filter: '>' }).catch(() => undefined);
  return Object.keys(found?.state.subjects ?? {}).filter((subject) => subject.includes('.C.')).toSorted();
}

blobsContract('JetStream object store', async () => {
  const one = await broker('blobs');
  return {
    blobs: natsBlobs(one),
    stored: () => subjectsOf(one),
    damage: async (digest) => {
      const store = await new Objm(one.js).open(one.names.buckets.blobs);
      await store.putBlob({ name: `sha256-${digest}` }, randomBytes(150_000));
    },
  };
});

describe('stores on a broker that goes away', () => {
  it('given a broker that is gone, when entities and blobs are used, then a retry is asked for; when it is back, then all of it is there', async () => {
    const one = await broker('away');
    const [entities, blobs] = [natsEntities(one), natsBlobs(one)];
    const bytes = randomBytes(500_000);
    const revision = await entities.create('app', 'a', { v: 1 });
    const { digest } = await blobs.put(stream(bytes));
    const spools = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('millrace-spool-'));
    const before = spools();
    const reading = await blobs.get(digest);
    await nats.kill();
    const gone = { code: 'broker_gone', retryable: true };
    await Promise.all([
      expect(entities.update('app', 'a', { v: 2 }, revision)).rejects.toMatchObject(gone),
      expect(entities.get('app', 'a')).rejects.toMatchObject(gone),
      expect(blobs.put(stream(randomBytes(10)))).rejects.toMatchObject(gone),
      expect(bytesOf(reading)).rejects.toMatchObject(gone),
    ]);
    expect(spools()).toEqual(before);
    await nats.restart();
    await expect.poll(() => entities.get('app', 'a').catch(() => 'away'), { timeout: 15_000 }).toEqual({ value: { v: 1 }, revision });
    expect((await bytesOf(await blobs.get(digest))).equals(bytes)).toBe(true);
    expect(await entities.update('app', 'a', { v: 2 }, revision)).toBeGreaterThan(revision);
  });

  it('given a write that was stored but whose answer was lost, when it is asked for again, then it is read back as stored', async () => {
    const one = await broker('lost');
    const entities = natsEntities(one);
    await entities.get('app', 'a');
    const publish = one.js.publish.bind(one.js);
    const lossy: Broker = { ...one, js: Object.assign(Object.create(one.js) as typeof one.js, {
      publish: async (...args: Parameters<typeof publish>) => {
        await publish(...args);
        throw Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' });
      },
    }) };
    const unsure = natsEntities(lossy);
    const first = await unsure.create('app', 'a', { v: 1 });
    const second = await unsure.update('app', 'a', { v: 2 }, first);
    expect(await entities.get('app', 'a')).toEqual({ value: { v: 2 }, revision: second });
    expect(await unsure.remove('app', 'a', second)).toBe(true);
    expect(await entities.get('app', 'a')).toBeUndefined();
  });
});
