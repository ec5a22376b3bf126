import { assign, setup } from 'xstate';
import { expect, test } from 'vitest';
import { activity } from '../../../src/kernel/activity.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import type { DeadLetters } from '../../../src/runtime/ports/dead.ts';
import type { FakeQueue } from '../../support/fake/queue.ts';
import { makeWorld } from '../../support/world.ts';
import { handwork, parcel } from './machines.ts';

const version2 = (definition: Definition): Definition => ({ ...definition, stamp: { ...definition.stamp, version: '2' } });

/** A connection after a reset of its consumers: every delivery says it is the first. */
const forgetful = (queue: FakeQueue): FakeQueue => ({
  ...queue, consume: (types, onDelivery, hasRoom, carried) => queue.consume(types, (delivery) => onDelivery({ ...delivery, deliveries: 1 }), hasRoom, carried),
});

test.each([['as redelivered', (queue: FakeQueue) => queue], ['as new, after a reset', forgetful]] as const)(
  'given work in flight of an older definition, when its command comes %s to a worker that cannot fold it, then the actor is blocked, its work and new wishes wait, and a worker that can goes on', async (_how, over) => {
    const work = handwork();
    const definition = parcel(work.code);
    const world = makeWorld([definition]);
    const first = await world.host();
    await world.send('parcel/p1', 'create', { weight: 1 });
    await world.clock.advance(10);
    first.crash();
    const newer = await world.host({ definitions: [version2(definition)], queue: over(world.queue.connect()) });
    await world.clock.advance(20_000);
    expect(await world.board.get('parcel/p1')).toMatchObject({ status: 'blocked', seq: 1 });
    await world.send('parcel/p1', 'stop', {}, 'wish');
    await world.send('parcel/p2', 'create', { weight: 1 });
    await world.clock.advance(10);
    expect(world.answer('wish')).toBeUndefined();
    expect(work.runs.at(-1)?.scope.key).toBe('parcel/p2#1:0');
    newer.crash();
    await world.host();
    await world.clock.advance(3_000);
    expect(work.runs.at(-1)?.scope.key).toBe('parcel/p1#1:0');
    expect(world.answer('wish')).toMatchObject({ accepted: true, seq: 2 });
    expect(await world.dead.list()).toEqual([]);
  });

test('A7.14: given a log with something in it that is no record, when its work in flight comes back, then the actor is blocked until the log can be read, and nothing is a dead letter', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const first = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  first.crash();
  let broken = true;
  await world.host({ log: { ...world.log, read: async (actor, fromSeq) => {
    if (broken) throw new TerminalError('bad_record', 'no record');
    return world.log.read(actor, fromSeq);
  } } });
  await world.clock.advance(20_000);
  expect(work.runs).toHaveLength(1);
  broken = false;
  await world.clock.advance(40_000);
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0', 'parcel/p1#1:0']);
  expect(await world.dead.list()).toEqual([]);
});

test('given a chart that throws on the end of its own work, when the work ends, then the actor is blocked with the reason, its work waits in the queue, and others go on', async () => {
  const work = handwork();
  const fail = (): never => { throw new Error('a defect of the chart'); };
  const machine = setup({ types: {} as { context: { n: number } }, actors: { work: activity<string>(work.code('work') as never) } }).createMachine({
    id: 'defect', context: { n: 0 }, initial: 'working',
    states: { working: { invoke: { id: 'work', src: 'work', onDone: { actions: assign({ n: fail }) }, onError: { actions: assign({ n: fail }) } } } },
  });
  const world = makeWorld([parcel(work.code), defineMachine({ machine, version: '1' })]);
  await world.host();
  await world.send('defect/d1', 'create');
  await world.clock.advance(10);
  work.runs[0]?.finish('done');
  await world.clock.advance(1_000);
  expect(await world.board.get('defect/d1')).toMatchObject({ status: 'blocked', value: expect.stringContaining('a defect of the chart') as string });
  expect(world.queue.stored()).toHaveLength(1);
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  expect(work.runs.at(-1)?.scope.key).toBe('parcel/p1#1:0');
  await world.clock.advance(30_000);
  expect(work.runs.at(-1)?.scope.key).toBe('defect/d1#1:0');
});

test('given a handler that fails again and again, when the dead letters are away as well, then the command is kept until they are back, and becomes one', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)], { faults: (record) => { if (record.actor === 'parcel/p1') throw new Error('a defect of the worker'); return undefined; } });
  let away = true;
  const dead: DeadLetters = { ...world.dead, put: async (letter) => {
    if (away) throw new RetryableError('broker_gone', 'away');
    await world.dead.put(letter);
  } };
  await world.host({ dead });
  const id = await world.send('parcel/p1', 'create', { weight: 1 });
  await world.send('parcel/p2', 'create', { weight: 1 });
  await world.clock.advance(60_000);
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p2#1:0']);
  expect(world.queue.stored()).toHaveLength(2);
  expect(world.answer(id)).toBeUndefined();
  away = false;
  await world.clock.advance(60_000);
  expect(await world.dead.list()).toMatchObject([{ code: 'handler_failed', commandId: id }]);
  expect(world.answer(id)).toMatchObject({ accepted: false, code: 'handler_failed' });
  expect(world.queue.stored()).toHaveLength(1);
});

test('given a timer whose record cannot be stored for a defect of the worker, when that is mended, then the timer fires', async () => {
  const work = handwork();
  let broken = true;
  const world = makeWorld([parcel(work.code)], { faults: (record) => { if (broken && record.type === 'timer.fired') throw new Error('a defect'); return undefined; } });
  await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  work.runs[0]?.finish('crate');
  await world.clock.advance(120_000);
  expect(await world.board.get('parcel/p1')).toMatchObject({ status: 'blocked' });
  broken = false;
  await world.clock.advance(60_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed', 'timer.fired']);
  expect(await world.dead.list()).toEqual([]);
});
