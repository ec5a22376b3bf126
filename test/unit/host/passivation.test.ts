import { expect, test } from 'vitest';
import { verify } from '../../../src/kernel/chain.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { EventLog } from '../../../src/runtime/ports/log.ts';
import type { Snapshot } from '../../../src/runtime/ports/snapshots.ts';
import { makeWorld, type World } from '../../support/world.ts';
import { handwork, parcel } from './machines.ts';

/** The world's log, and how its reads begin. */
function watched(world: World): { log: EventLog; reads: (number | undefined)[] } {
  const reads: (number | undefined)[] = [];
  return { reads, log: { ...world.log, read: (actor, fromSeq, near) => { reads.push(fromSeq); return world.log.read(actor, fromSeq, near); } } };
}

async function labelled(world: World, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await world.send('parcel/p1', 'label', { text: `label ${time}` });
    await world.clock.advance(10);
  }
}

/** A parcel that is paused: nothing of it runs, no timer is set. */
async function parked(world: World): Promise<void> {
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  await world.send('parcel/p1', 'stop');
  await world.clock.advance(10);
}

test('given an actor at rest, when it has been for the idle time, then it is no longer in memory, and the next command brings it back from its snapshot', async () => {
  const world = makeWorld([parcel(handwork().code)]);
  const { log, reads } = watched(world);
  await world.host({ log, idleMs: 30_000 });
  await parked(world);
  await labelled(world, 10);
  expect(reads).toEqual([]);
  await world.clock.advance(60_000);
  await labelled(world, 1);
  const { seq } = world.snapshots.stored.get('parcel/p1') ?? {};
  expect([world.snapshots.found, reads]).toEqual([1, [seq]]);
  expect(seq).toBeGreaterThan(10);
  expect(world.types('parcel/p1')).toHaveLength(world.state('parcel/p1').seq);
});

test('given a command now and then, when less than the idle time lies between, then the actor stays in memory', async () => {
  const world = makeWorld([parcel(handwork().code)]);
  const { log, reads } = watched(world);
  await world.host({ log, idleMs: 30_000 });
  await parked(world);
  for (let time = 0; time < 8; time++) {
    await world.clock.advance(20_000);
    await labelled(world, 1);
  }
  expect(reads).toEqual([]);
});

test('given a timer, when it is due within the idle time, then its actor stays and is punctual; when it is due later, its message brings the actor back', async () => {
  for (const [idleMs, loads] of [[90_000, 0], [20_000, 1]] as const) {
    const work = handwork();
    const world = makeWorld([parcel(work.code)]);
    const { log, reads } = watched(world);
    await world.host({ log, idleMs });
    await world.send('parcel/p1', 'create', { weight: 1 });
    await world.clock.advance(10);
    work.runs[0]?.finish('crate');
    await world.clock.advance(62_000);
    expect(work.runs.map(({ name }) => name)).toEqual(['load', 'ship']);
    expect(reads).toHaveLength(loads);
  }
});

test('given an activity that runs for hours, when the idle time passes, then it is left alone', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  await world.host({ idleMs: 1_000 });
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(3 * 3_600_000);
  expect(work.runs).toHaveLength(1);
  work.runs[0]?.finish('crate');
  await world.clock.advance(10);
  expect(world.state('parcel/p1').seq).toBe(2);
});

test('given a snapshot of another history, of another definition, or that is none, when the actor is loaded, then the log alone decides', async () => {
  const definition = parcel(handwork().code);
  const spoils: ((stored: Snapshot) => Partial<Snapshot>)[] = [
    () => ({ position: 99, seq: 99 }), () => ({ seq: 1 }), () => ({ state: 'nonsense' }), () => ({ state: { machine: { hash: 'another' }, taken: [] } }),
    ({ state }) => ({ state: { ...(state as JsonObject), chain: 'another' } }),
  ];
  for (const spoil of spoils) {
    const world = makeWorld([definition]);
    const first = await world.host();
    await parked(world);
    await labelled(world, 4);
    const stored = world.snapshots.stored.get('parcel/p1');
    if (stored === undefined) throw new Error('no snapshot was taken');
    world.snapshots.stored.set('parcel/p1', { ...stored, ...spoil(stored) });
    first.crash();
    await world.host();
    const id = await world.send('parcel/p1', 'label', { text: 'after all' });
    await world.clock.advance(10_000);
    expect(world.answer(id)).toEqual({ accepted: true, seq: 7 });
    expect(verify(world.records('parcel/p1'))).toEqual({ ok: true });
  }
});

test('given an actor with a snapshot, when it ends, then the snapshot is dropped', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  await labelled(world, 4);
  expect([...world.snapshots.stored.keys()]).toEqual(['parcel/p1']);
  work.runs[0]?.finish('crate');
  await world.clock.advance(60_010);
  work.runs[1]?.finish('there');
  await world.clock.advance(10);
  expect(world.ended('parcel/p1')).toBe(true);
  expect([...world.snapshots.stored.keys()]).toEqual([]);
});

test('given more actors at rest than there is room for, when another comes to rest, then the one that has rested longest leaves memory', async () => {
  const world = makeWorld([parcel(handwork().code)]);
  const { log, reads } = watched(world);
  await world.host({ log, cacheSize: 2 });
  for (const name of ['p1', 'p2', 'p3']) {
    await world.send(`parcel/${name}`, 'create', { weight: 1 });
    await world.clock.advance(10);
    await world.send(`parcel/${name}`, 'stop');
    await world.clock.advance(10);
  }
  for (const name of ['p3', 'p2'] as const) await world.send(`parcel/${name}`, 'label', { text: 'kept' });
  await world.clock.advance(10);
  expect(reads).toEqual([]);
  await labelled(world, 1);
  expect(reads).toHaveLength(1);
});
