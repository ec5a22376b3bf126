import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { natsAddons } from '../../../src/adapters/addons/nats/addons.ts';
import { natsBlobs } from '../../../src/adapters/nats/blobs.ts';
import { openBroker, type Broker } from '../../../src/adapters/nats/broker.ts';
import { natsEntities } from '../../../src/adapters/nats/entities.ts';
import { startNats, type TestNats } from '../../support/nats.ts';

let nats: TestNats;
let broker: Broker;
beforeAll(async () => {
  nats = await startNats();
  broker = await openBroker({ servers: nats.url, reconnectTimeWait: 50 });
});
afterAll(async () => {
  await broker.close();
  await nats.stop();
});

const makers: readonly { stream: string; make: (broker: Broker) => Promise<unknown> }[] = [
  { stream: 'KV_millrace_entities', make: (on) => natsEntities(on).list('app') },
  { stream: 'OBJ_millrace_blobs', make: (on) => natsBlobs(on).has('0'.repeat(64)) },
  { stream: 'KV_millrace_addon_shop_cache', make: (on) => natsAddons(on).provision('shop', { name: 'cache', kind: 'kv' }, 'build/b1') },
];

test.each(makers)('given the server was killed while it made $stream, when it is made again, then it is still there after the next start', async ({ stream, make }) => {
  await make(broker);
  await nats.kill();
  // What a kill between the settings and their checksum leaves behind.
  await rm(join(nats.dir, 'nats/jetstream/$G/streams', stream, 'meta.sum'));
  await nats.restart();
  await make(broker);
  await nats.restart();
  expect((await broker.jsm.streams.info(stream).catch(async () => broker.jsm.streams.info(stream))).config.name).toBe(stream);
});

test('given a connection that is down, when a blob is asked for meanwhile, then it is answered once the server is back', async () => {
  const blobs = natsBlobs(broker);
  await nats.kill();
  const asking = blobs.has('1'.repeat(64));
  const restarted = nats.restart();
  expect(await asking).toBe(false);
  await restarted;
});
