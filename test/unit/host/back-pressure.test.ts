import { expect, test } from 'vitest';
import { makeWorld } from '../../support/world.ts';
import { handwork, parcel } from './machines.ts';

test('given a broker that is slow to store, when commands come faster, then no more are taken from it than there is room for, none is lost, and all are taken in order in the end', async () => {
  let slow = true;
  const stuck: (() => void)[] = [];
  const world = makeWorld([parcel(handwork().code)], { faults: () => (slow ? new Promise((resolve) => { stuck.push(() => { resolve(undefined); }); }) : undefined) });
  await world.host({ intake: 20 });
  for (let n = 0; n < 200; n++) {
    await world.send(`parcel/p${n % 50}`, n < 50 ? 'create' : 'label', n < 50 ? { weight: 1 } : { text: `label ${n}` });
  }
  await world.clock.advance(1_000);
  const taken = (): number => world.queue.stored().filter(({ holder }) => holder !== undefined).length;
  expect(taken()).toBe(20);
  slow = false;
  for (const go of stuck) go();
  await world.clock.advance(5_000);
  for (let n = 0; n < 50; n++) {
    expect(world.records(`parcel/p${n}`).map(({ data }) => data.text)).toEqual([undefined, `label ${n + 50}`, `label ${n + 100}`, `label ${n + 150}`]);
  }
  expect(await world.dead.list()).toEqual([]);
});

test('given an actor whose mailbox is full, when one more wish comes, then its publisher is told, another actor goes on, and what is in flight is never turned away', async () => {
  let slow = false;
  const stuck: (() => void)[] = [];
  const world = makeWorld([parcel(handwork().code)], { faults: ({ actor }) => (slow && actor === 'parcel/p1' ? new Promise((resolve) => { stuck.push(() => { resolve(undefined); }); }) : undefined) });
  await world.host({ mailboxSize: 3 });
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  slow = true;
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await world.send('parcel/p1', 'label', { text: `label ${n}` }));
  await world.send('parcel/p2', 'create', { weight: 1 });
  await world.clock.advance(10);
  expect(ids.slice(3).map((id) => world.answer(id))).toEqual(Array(2).fill(expect.objectContaining({ accepted: false, code: 'mailbox_full', reason: '3 commands wait for parcel/p1 already' })));
  expect(world.records('parcel/p2')).toHaveLength(1);
  slow = false;
  for (const go of stuck) go();
  await world.clock.advance(10);
  expect(world.records('parcel/p1').map(({ data }) => data.text)).toEqual([undefined, 'label 0', 'label 1', 'label 2']);
});
