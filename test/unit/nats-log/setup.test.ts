import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiscardPolicy, RetentionPolicy } from '@nats-io/jetstream';
import { openBroker, type Broker, type BrokerOptions } from '../../../src/adapters/nats/broker.ts';
import { checkVersion, ensureStreams } from '../../../src/adapters/nats/setup.ts';
import { startNatsWith } from '../../support/nats-conf.ts';

const conf = `
jetstream { max_file_store: 64GB, max_memory_store: 64MB }
accounts {
  GOOD: { jetstream: enabled, users: [ { user: good, password: x } ] }
  BARE: { users: [ { user: bare, password: x } ] }
  FULL: { jetstream: { max_streams: 2 }, users: [ { user: full, password: x } ] }
  SHUT: { jetstream: enabled, users: [ { user: shut, password: x, permissions: { publish: { deny: "$JS.API.STREAM.CREATE.>" } } } ] }
  MUTE: { jetstream: enabled, users: [ { user: mute, password: x, permissions: { publish: { deny: "$JS.API.>" } } } ] }
}`;

let nats: Awaited<ReturnType<typeof startNatsWith>>;
const brokers: Broker[] = [];
const open = async (user: string, options: BrokerOptions = {}): Promise<Broker> => {
  const broker = await openBroker({ servers: nats.address, user, pass: 'x', ...options });
  brokers.push(broker);
  return broker;
};

beforeAll(async () => { nats = await startNatsWith(conf); });
afterAll(async () => {
  await Promise.all(brokers.map((broker) => broker.close()));
  await nats?.stop();
});

describe('setting up the streams', () => {
  it('given an empty broker, when it is set up twice, then the streams are there and nothing may be deleted from the log', async () => {
    const broker = await open('good');
    await ensureStreams(broker);
    await ensureStreams(broker);
    const { config } = await broker.jsm.streams.info('MILLRACE_EVENTS');
    expect(config).toMatchObject({ deny_delete: true, deny_purge: true, allow_atomic: true, retention: 'limits', max_age: 0, discard: 'new' });
    await expect(broker.jsm.streams.purge('MILLRACE_EVENTS')).rejects.toThrow(/not permitted/);
    await broker.js.publish('millrace.evt.order.o1', '{}');
    await expect(broker.jsm.streams.deleteMessage('MILLRACE_EVENTS', 1)).rejects.toThrow(/not permitted/);
    expect((await broker.jsm.streams.info('MILLRACE_EVENTS')).state.messages).toBe(1);
  });

  it('given many workers starting at once, when all set up, then all succeed', async () => {
    const workers = await Promise.all(Array.from({ length: 5 }, () => open('good', { prefix: 'many' })));
    await expect(Promise.all(workers.map((broker) => ensureStreams(broker)))).resolves.toHaveLength(5);
  });

  it('given streams made for 4 partitions, when a worker wants 8, then it is told the field, both values and what to do', async () => {
    await ensureStreams(await open('good', { prefix: 'parts', partitions: 4 }));
    const failed = ensureStreams(await open('good', { prefix: 'parts', partitions: 8 }));
    await expect(failed).rejects.toMatchObject({ code: 'stream_differs', retryable: false, hint: expect.stringContaining('nats stream edit PARTS_COMMANDS') as string });
    await expect(failed).rejects.toThrow(/PARTS_COMMANDS.*subject_transform is .*partition\(4,1,2\).*wanted is .*partition\(8,1,2\)/);
  });

  it('given an events stream that forgets and can be purged, when a worker starts, then it refuses and names both', async () => {
    const broker = await open('good', { prefix: 'lax' });
    await broker.jsm.streams.add({
      name: 'LAX_EVENTS', subjects: ['lax.evt.*.*'], retention: RetentionPolicy.Limits, discard: DiscardPolicy.New,
      max_age: 1e9 * 3600, deny_delete: true, allow_atomic: true, allow_direct: true,
    });
    const failed = ensureStreams(broker);
    await expect(failed).rejects.toMatchObject({ code: 'stream_differs' });
    await expect(failed).rejects.toThrow(/max_age is 3600000000000, wanted is 0; deny_purge is false, wanted is true/);
  });

  it('given an account without JetStream, when a worker starts, then it hears no_jetstream', async () => {
    await expect(ensureStreams(await open('bare'))).rejects.toMatchObject({ code: 'no_jetstream', retryable: false });
  });

  it('given a server without JetStream, when a worker starts, then it hears no_jetstream', async () => {
    const plain = await startNatsWith('max_payload: 1MB');
    const broker = await openBroker({ servers: plain.address });
    await expect(ensureStreams(broker)).rejects.toMatchObject({ code: 'no_jetstream', retryable: false });
    await broker.close();
    await plain.stop();
  });

  it.each(['shut', 'mute'])('given the user %s without the rights, when a worker starts, then it hears no_permission', async (user) => {
    await expect(ensureStreams(await open(user))).rejects.toMatchObject({ code: 'no_permission', retryable: false });
  });

  it('given an account that is full, when a worker starts, then it hears broker_full and may try again', async () => {
    await expect(ensureStreams(await open('full'))).rejects.toMatchObject({ code: 'broker_full', retryable: true });
  });

  it('given a wrong password, when a worker connects, then it hears no_permission', async () => {
    await expect(openBroker({ servers: nats.address, user: 'good', pass: 'wrong' })).rejects.toMatchObject({ code: 'no_permission' });
  });

  it('given nothing listens, when a worker connects, then it hears broker_gone, and no password is shown', async () => {
    const failed = openBroker({ servers: 'nats://me:secret@127.0.0.1:1', timeout: 500 });
    await expect(failed).rejects.toMatchObject({ code: 'broker_gone', retryable: true });
    await expect(failed).rejects.toThrow(/^Could not connect to nats:\/\/127\.0\.0\.1:1:/);
  });

  it.each([['2.13.9', /2\.13\.9.*2\.14\.0 or newer.*atomic batches/], ['2.10.0-RC.1', /2\.10\.0/]])(
    'given a server of version %s, when it is checked, then it is refused with found, wanted and why', (version, message) => {
      expect(() => checkVersion(version)).toThrow(message);
      expect(() => checkVersion(version)).toThrow(expect.objectContaining({ code: 'server_too_old', retryable: false }) as Error);
    });

  it('given a server between the oldest and the tested version, when it is checked, then there is a warning', () => {
    expect(checkVersion('2.14.3')).toMatch(/2\.14\.3/);
    expect(checkVersion('2.15.1')).toBeUndefined();
    expect(checkVersion('2.16.0')).toBeUndefined();
    expect(checkVersion('dev')).toMatch(/dev/);
  });
});
