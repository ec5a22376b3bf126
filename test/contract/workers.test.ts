import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import { workers } from '../../src/adapters/nats/workers/list.ts';
import type { Delivery } from '../../src/runtime/ports/queue.ts';
import { eventually } from '../support/broker.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { expectOnceInOrder, team, type Team } from '../support/workers.ts';

describe('workers that share the partitions', () => {
  let nats: TestNats;
  let t: Team;
  beforeAll(async () => { nats = await startNats(); });
  afterAll(async () => { await nats?.stop(); });
  beforeEach(async () => { t = await team(nats); });
  afterEach(() => t.close());

  it('given three workers, when commands come, then each serves its even share and gets nothing else', async () => {
    for (const name of ['a', 'b', 'c']) await t.worker(name);
    await t.settled(3);
    const ids = await t.send(96);
    await eventually(() => t.all.length === 96);
    expectOnceInOrder(t.all, ids);
    const again = await t.send(96);
    await eventually(() => t.all.length === 192);
    expectOnceInOrder(t.all, [...ids, ...again]);
    // Each actor stays with one worker.
    expect(new Set(t.all.map(({ worker, delivery }) => `${worker} ${delivery.actorId}`)).size).toBe(96);
    expect(new Set(t.all.map(({ worker }) => worker))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('A7.14: given workers that carry different types, when they share, then each type goes only to those that carry it', async () => {
    await t.worker('both', { types: ['build', 'order'] });
    await t.worker('orders', { types: ['order'] });
    await t.settled(1, 'build');
    await t.settled(2, 'order');
    const list = await workers(t.broker).list();
    expect(list.map(({ machines }) => machines.map(({ name }) => name))).toEqual([['build', 'order'], ['order']]);
    expect(list[0]).toMatchObject({ pid: process.pid, leaseMs: 1000 });
    expect(list[0]?.serves.build).toHaveLength(t.broker.partitions);
  });

  it('given two workers under load, when a third comes, then it gets its share soon, and nothing comes twice or out of order', async () => {
    await t.worker('a');
    await t.worker('b');
    await t.settled(2);
    const ids = [...await t.send(48)];
    const third = await t.worker('c');
    const joined = Date.now();
    while (third.got().length === 0 && Date.now() - joined < 5_000) ids.push(...await t.send(48));
    await eventually(() => t.all.length === ids.length);
    expect(third.got()[0]?.at ?? Infinity).toBeLessThan(joined + 5_000);
    expectOnceInOrder(t.all, ids);
    await t.settled(3);
  });

  it('given three workers under load, when one leaves, then the others go on within a second, and nothing comes twice or out of order', async () => {
    const leaving = await t.worker('a');
    await t.worker('b');
    await t.worker('c');
    await t.settled(3);
    const ids = [...await t.send(48)];
    await eventually(() => leaving.got().length > 0);
    const sending = t.send(48);
    const left = Date.now();
    await leaving.stop();
    ids.push(...await sending, ...await t.send(48));
    await eventually(() => t.all.length === ids.length);
    expect(Math.max(...t.all.map(({ at }) => at)) - left).toBeLessThan(1_000);
    expectOnceInOrder(t.all, ids);
    await t.settled(2);
    expect(await workers(t.broker).list()).toHaveLength(2);
  });

  it('given a worker that dies with work in hand, when its lease is over, then the others get that and what came since, in order, long before the acknowledgement wait', async () => {
    const kept: Delivery[] = [];
    const dying = await t.worker('a', { each: (delivery) => { kept.push(delivery); } });
    await t.worker('b');
    await t.worker('c');
    await t.settled(3);
    const ids = [...await t.send(48)];
    await eventually(() => t.all.length === 48);
    expect(kept.length).toBeGreaterThan(8);
    await dying.crash();
    const died = Date.now();
    ids.push(...await t.send(48));
    const others = () => t.all.filter(({ worker }) => worker !== 'a');
    await eventually(() => others().length === 96, 4_000);
    expect(Math.max(...others().map(({ at }) => at)) - died).toBeGreaterThan(500);
    expectOnceInOrder(others(), ids);
    // A reset begins to count anew: by the count alone nobody could tell a redelivery.
    expect(others().filter(({ delivery }) => delivery.deliveries > 1)).toEqual([]);
    await t.settled(2);
  });

  it('given a worker that still finishes what it had begun, when the one it passed the partition on to dies, then what it has in hand does not come again', async () => {
    const kept: Delivery[] = [];
    await t.worker('a', { each: (delivery) => { kept.push(delivery); } });
    await t.send(32);
    await eventually(() => kept.length === 32);
    const second = await t.worker('b');
    await t.settled(2);
    await eventually(async () => (await workers(t.broker).list()).some(({ finishes }) => (finishes.build ?? []).length > 0));
    // Only when its pin is let go of may the other one have it.
    await eventually(() => kept.some((delivery) => delivery.isPassedOn?.()));
    const passedOn = kept.filter((delivery) => delivery.isPassedOn?.());
    expect(passedOn.length).toBeGreaterThan(0);
    expect(passedOn.length).toBeLessThan(kept.length);
    await second.crash();
    await t.settled(1);
    // What comes next shows that the partitions are served, and that nothing came before it.
    await t.send(32);
    await eventually(() => t.all.length >= 64);
    expect(new Set(kept.map(({ id }) => id)).size).toBe(kept.length);
    await Promise.all(kept.map((delivery) => delivery.ack()));
    await eventually(async () => (await workers(t.broker).list()).every(({ finishes }) => Object.keys(finishes).length === 0));
  });

  it('given a worker that still finishes what it had begun, when the server is restarted, then that is revoked, and comes to whom it was passed on; what is its own comes again to itself', async () => {
    await t.close();
    t = await team(nats, { leaseMs: 3_000 }, { storage: 'file' });
    const kept: Delivery[] = [];
    const first = await t.worker('a', { each: (delivery) => { kept.push(delivery); } });
    const ids = await t.send(32);
    await eventually(() => kept.length === 32);
    const second = await t.worker('b', { each: () => undefined });
    await t.settled(2);
    await eventually(() => kept.some((delivery) => delivery.isPassedOn?.()));
    const passedOn = kept.filter((delivery) => delivery.isPassedOn?.()).map(({ id }) => id);
    expect(kept.some(({ revoked }) => revoked?.aborted)).toBe(false);
    await nats.restart();
    await eventually(() => kept.some(({ revoked }) => revoked?.aborted));
    expect(kept.filter(({ revoked }) => revoked?.aborted).map(({ id }) => id)).toEqual(passedOn);
    await eventually(() => second.got().length === passedOn.length && first.got().length === 32 + ids.length - passedOn.length, 15_000);
    expect(second.got().map(({ delivery }) => delivery.id).toSorted()).toEqual(passedOn.toSorted());
    expect(first.got().slice(32).map(({ delivery }) => delivery.id).filter((id) => passedOn.includes(id))).toEqual([]);
  });

  it('A7.11: given a worker the others have not heard of for longer than its lease, then it takes nothing more, and what it gets when it is back is once more its share', async () => {
    let mute = false;
    const muted = (broker: Broker): Broker => ({ ...broker, js: new Proxy(broker.js, {
      get: (js, key) => (key === 'publish' && mute ? () => Promise.reject(new Error('not heard')) : Reflect.get(js, key) as unknown),
    }) });
    const paused = await t.worker('a', { through: muted });
    await t.worker('b');
    await t.settled(2);
    const ids = [...await t.send(48)];
    await eventually(() => t.all.length === 48);
    mute = true;
    await t.settled(1);
    const before = paused.got().length;
    ids.push(...await t.send(48));
    await eventually(() => t.all.length === 96);
    expect(paused.got()).toHaveLength(before);
    mute = false;
    await t.settled(2);
    const back = Date.now();
    while (paused.got().length === before && Date.now() - back < 5_000) ids.push(...await t.send(48));
    await eventually(() => t.all.length === ids.length);
    expect(paused.got().length).toBeGreaterThan(before);
    // What it was given before might have been done by others meanwhile.
    expect(paused.got().slice(0, before).every(({ delivery }) => delivery.isPassedOn?.())).toBe(true);
    expect(paused.got().at(-1)?.delivery.isPassedOn?.()).toBe(false);
    expectOnceInOrder(t.all, ids);
  });

  it('given a bucket that somebody deleted, then the workers make it again and go on as they were', async () => {
    await t.worker('a');
    await t.worker('b');
    await t.settled(2);
    await t.broker.jsm.streams.delete(`KV_${t.broker.names.buckets.workers}`);
    expect(await workers(t.broker).list()).toEqual([]);
    await t.settled(2);
    const ids = await t.send(48);
    await eventually(() => t.all.length === 48);
    expectOnceInOrder(t.all, ids);
  });
});
