import { expect, test } from 'vitest';
import { RetryableError } from '../../../src/kernel/errors.ts';
import { makeWorld } from '../../support/world.ts';
import { bellMachine } from './family.ts';
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

test('given a command that came back with an action that may be missing, when the log cannot be read and the host is stopped meanwhile, then the next host runs the action', async () => {
  const work = handwork();
  const rung: string[] = [];
  let dying = true;
  const world = makeWorld([bellMachine(work.code('work'), (at) => { if (!dying) rung.push(at); })]);
  const { log } = world;
  const first = await world.host({ log: { ...log, append: async (record, after) => {
    const position = await log.append(record, after);
    return record.type === 'activity.completed' ? await new Promise<never>(() => {}) : position;
  } } });
  await world.send('bell/b1', 'create', {}, 'c1');
  await world.clock.advance(10);
  work.runs[0]?.finish('done');
  await world.clock.advance(10);
  first.crash();
  dying = false;
  // The second host finds the command in the log, and cannot read what it asked for.
  let reads = 0;
  const second = await world.host({ snapshots: undefined, log: { ...log, read: async (actor, fromSeq, near) => {
    if (++reads > 2) throw new RetryableError('log_unavailable', 'away');
    return await log.read(actor, fromSeq, near);
  } } });
  await world.clock.runUntil(() => reads > 2);
  const stopping = second.host.stop();
  await world.clock.advance(10_000);
  await stopping;
  expect(world.queue.stored().map(({ subject }) => subject)).toEqual(['millrace.cmd.bell.b1.create']);
  await world.host();
  await world.clock.advance(10_000);
  expect(rung).toEqual(['work']);
});
