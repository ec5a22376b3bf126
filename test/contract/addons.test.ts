import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsAddons } from '../../src/adapters/addons/nats/addons.ts';
import { openBroker, type Broker } from '../../src/adapters/nats/broker.ts';
import { fakeAddons } from '../support/fake/addons.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { addonsContract } from './addons.contract.ts';

let nats: TestNats;
let broker: Broker;

beforeAll(async () => {
  nats = await startNats();
  broker = await openBroker({ servers: nats.url.replace('://', '://somebody:secret@'), storage: 'memory' });
});
afterAll(async () => {
  await broker?.close();
  await nats?.stop();
});

addonsContract('fake', async () => {
  const addons = fakeAddons();
  return { addons, exists: async (app, { name, kind }) => `${kind}:${app}/${name}` in addons.everything() };
});

addonsContract('NATS', async () => ({
  addons: natsAddons(broker),
  exists: async (app, { name, kind }) => {
    const stream = `${kind === 'kv' ? 'KV' : 'OBJ'}_millrace_addon_${app}_${name}`;
    return broker.jsm.streams.info(stream).then(() => true, () => false);
  },
}));

describe('NATS addons', () => {
  it('given a provisioned addon, when an app opens it with its environment, then it can keep and read things', async () => {
    const addons = natsAddons(broker);
    const kv = await addons.provision('app', { name: 'cache', kind: 'kv' }, 'build/b1');
    const bucket = await new Kvm(broker.js).open(kv.env['MILLRACE_ADDON_CACHE_BUCKET'] ?? '');
    await bucket.put('a', 'one');
    expect((await bucket.get('a'))?.string()).toBe('one');
    const objects = await addons.provision('app', { name: 'files', kind: 'objects' }, 'build/b1');
    const store = await new Objm(broker.js).open(objects.env['MILLRACE_ADDON_FILES_BUCKET'] ?? '');
    await store.putBlob({ name: 'a' }, Buffer.from('one'));
    expect(Buffer.from((await store.getBlob('a')) ?? []).toString()).toBe('one');
    await addons.provision('app', { name: 'files', kind: 'objects' }, 'build/b2');
    expect(Buffer.from((await store.getBlob('a')) ?? []).toString()).toBe('one');
    expect((await store.status()).description).toContain('build/b1');
    expect(kv.env['MILLRACE_ADDON_CACHE_URL']).toBe(nats.url);
  });

  it('given a bucket of that name that is not the addon, when a build asks for it, then it is refused and never removed', async () => {
    const addons = natsAddons(broker);
    await addons.provision('a_b', { name: 'c', kind: 'kv' }, 'build/b1');
    await expect(addons.provision('a', { name: 'b_c', kind: 'kv' }, 'build/b1')).rejects.toMatchObject({ code: 'addon_taken', retryable: false });
    expect(await addons.release('a', { name: 'b_c', kind: 'kv' }, 'build/b1')).toBe(false);
    expect(await addons.release('a_b', { name: 'c', kind: 'kv' }, 'build/b1')).toBe(true);
  });
});
