import { expect, test } from 'vitest';
import { makeWorld } from '../../support/world.ts';
import { handwork, parcel } from './machines.ts';

test('given an activity that takes its time to end, when the host is stopped, then the host waits for it and no longer than it may', async () => {
  let began = 0;
  // Deaf to its signal, as code that waits for something else may be.
  const world = makeWorld([parcel(() => () => { began++; return new Promise(() => {}); })]);
  const { host } = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  let stopped = false;
  const stopping = host.stop({ graceMs: 1_000 }).then(() => { stopped = true; });
  await world.clock.advance(900);
  expect(stopped).toBe(false);
  await world.clock.advance(200);
  await stopping;
  await world.host();
  await world.clock.advance(500);
  expect(began).toBe(2);
});

test('given a stop that interrupts an activity while a command is being stored, when the command is stored, then the work still has a message that brings it back', async () => {
  const work = handwork();
  let store = (): void => {};
  const world = makeWorld([parcel(work.code)], {
    faults: (record) => (record.type === 'label' ? new Promise((resolve) => { store = () => resolve(undefined); }) : undefined),
  });
  const { host } = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  await world.send('parcel/p1', 'label', { text: 'a' });
  await world.clock.advance(10);
  const stopping = host.stop();
  await world.clock.advance(100);
  store();
  await world.clock.advance(5_000);
  await stopping;
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'label']);
  expect(world.queue.stored().length).toBeGreaterThan(0);
  await world.host();
  await world.clock.advance(10_000);
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0', 'parcel/p1#1:0']);
});

test('given a host that is stopping, when a record asks for an activity, then it is left to the next host', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const { host } = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  await world.send('parcel/p1', 'stop');
  await world.clock.advance(10);
  await world.send('parcel/p1', 'start');
  const stopping = host.stop();
  await world.clock.advance(6_000);
  await stopping;
  const before = work.runs.length;
  expect(work.runs.filter((run) => !run.scope.signal.aborted)).toEqual([]);
  await world.host();
  await world.clock.advance(10_000);
  expect(work.runs.slice(before).map((run) => run.scope.key)).toEqual(['parcel/p1#3:0']);
});
