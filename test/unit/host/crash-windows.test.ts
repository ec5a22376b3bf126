import { expect, test } from 'vitest';
import { RetryableError } from '../../../src/kernel/errors.ts';
import type { Board } from '../../../src/runtime/ports/board.ts';
import { makeWorld } from '../../support/world.ts';
import { bellMachine } from './family.ts';
import { handwork, parcel } from './machines.ts';

const never = <T>(): Promise<T> => new Promise<T>(() => {});

test('given a host that dies after the last record and before the line on the board, when the command comes back, then the board says how it ended', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const board: Board = { ...world.board, put: (entry) => (entry.status === 'failed' ? never() : world.board.put(entry)) };
  const { crash } = await world.host({ board });
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  work.runs[0]?.fail(new Error('broken'));
  await world.clock.advance(10);
  expect(world.status('parcel/p1')).toBe('failed');
  crash();
  await world.host();
  await world.clock.advance(10_000);
  expect(await world.board.get('parcel/p1')).toMatchObject({ status: 'failed', seq: 2 });
  expect(world.queue.stored()).toHaveLength(0);
});

test('given a result whose append nobody answered though it was stored, when the host reads it back, then the action it asked for is run', async () => {
  const work = handwork();
  const rung: string[] = [];
  const world = makeWorld([bellMachine(work.code('work'), (at) => rung.push(at))], { faults: (record) => (record.type === 'activity.completed' ? 'lose_ack' : undefined) });
  await world.host();
  await world.send('bell/b1', 'create');
  await world.clock.advance(10);
  work.runs[0]?.finish('done');
  await world.clock.advance(1_000);
  expect(world.types('bell/b1')).toEqual(['actor.created', 'activity.completed']);
  expect(rung).toEqual(['work']);
});

test('given a host that dies right after it recorded a timer, when a command overtakes the returning timer message, then the action of the timer is still run', async () => {
  const work = handwork();
  const rung: string[] = [];
  let dying = false;
  const world = makeWorld([bellMachine(work.code('work'), (at) => { if (!dying) rung.push(at); })]);
  // This host has no clock of its own to fire by: the message brings the timer.
  const first = await world.host({ log: { ...world.log, append: async (record, after) => {
    const position = await world.log.append(record, after);
    if (record.type !== 'timer.fired') return position;
    dying = true;
    return never();
  } } });
  await world.send('bell/b1', 'create');
  await world.clock.advance(10);
  work.runs[0]?.finish('done');
  await world.clock.advance(30_100);
  expect(world.types('bell/b1').at(-1)).toBe('timer.fired');
  first.crash();
  dying = false;
  await world.host();
  await world.send('bell/b1', 'more');
  await world.clock.advance(20_000);
  expect(world.types('bell/b1')).toEqual(['actor.created', 'activity.completed', 'timer.fired', 'more']);
  expect(rung).toEqual(['work', 'timer']);
  expect(world.queue.stored()).toHaveLength(0);
});

test('given a refusal whose acknowledgement is lost, when the command comes back and is taken, then nobody was told that it is refused', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const connection = world.queue.connect();
  let lost = 0;
  await world.host({ queue: { ...connection, consume: (types, onDelivery) => connection.consume(types, (delivery) => onDelivery({
    ...delivery,
    ack: async () => {
      if (delivery.command === 'start' && lost++ === 0) throw new RetryableError('broker_gone', 'lost');
      await delivery.ack();
    },
  })) } });
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  await world.send('parcel/p1', 'start', {}, 's1');
  await world.send('parcel/p1', 'stop', {}, 's2');
  await world.clock.advance(10_000);
  const told = world.queue.replies.filter((reply) => reply.subject === 'reply.s1').map((reply) => reply.body.accepted);
  expect(told).toHaveLength(1);
  expect(world.types('parcel/p1').includes('start')).toBe(told[0]);
});

test('given a timer that fired by the host\'s own clock, when the host dies before the broker\'s message comes, then that message brings the work back', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)], { lateMs: 200 });
  const { crash } = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  work.runs[0]?.finish('crate');
  await world.clock.runUntil(() => world.types('parcel/p1').includes('timer.fired'));
  await world.clock.settle();
  crash();
  expect(world.queue.stored()).toHaveLength(0);
  expect(world.queue.schedules()).toHaveLength(1);
  await world.host();
  await world.clock.advance(5_000);
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0', 'parcel/p1#3:0', 'parcel/p1#3:0']);
});

test('given a host whose clock is behind the broker\'s, when a timer\'s message comes early to it and the host dies, then the message is still there for the next one', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const { crash } = await world.host({ clock: { ...world.clock, now: () => world.clock.now() - 2_000 } });
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  work.runs[0]?.finish('crate');
  await world.clock.advance(59_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed']);
  crash();
  expect(world.queue.stored()).toHaveLength(1);
  await world.host();
  await world.clock.advance(10_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed', 'timer.fired']);
});

test('given actions of two records that nobody knows to be done, when the message of the later one comes back first, then those of the earlier one are run as well', async () => {
  const work = handwork();
  const rung: string[] = [];
  let dying = true;
  const world = makeWorld([bellMachine(work.code('work'), (at) => { if (!dying) rung.push(at); })]);
  const first = await world.host();
  await world.send('bell/b1', 'create', {}, 'c1');
  await world.clock.advance(10);
  work.runs[0]?.finish('done');
  // Its creation is in hand as long as it works; then its timer's message is.
  await world.clock.advance(30_010);
  expect(world.types('bell/b1')).toEqual(['actor.created', 'activity.completed', 'timer.fired']);
  first.crash();
  dying = false;
  await world.host();
  const { data } = world.records('bell/b1').at(-1) ?? { data: { effect: '' } };
  await world.queue.publish('millrace.cmd.bell.b1._timer', JSON.stringify(data), { 'Millrace-Command-Id': `bell/b1#${data.effect as string}` });
  await world.clock.advance(1_000);
  await world.queue.publish('millrace.cmd.bell.b1.create', '{}', { 'Millrace-Command-Id': 'c1' });
  await world.clock.advance(1_000);
  expect(rung).toEqual(['timer', 'work']);
});

test('given an actor that is created once more under another id while it works, when its host dies, then the next one goes on with the work', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const { crash } = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  const again = await world.send('parcel/p1', 'create', { weight: 1 }, 'again');
  await world.clock.advance(10);
  expect(world.answer(again)).toMatchObject({ accepted: true, seq: 1 });
  crash();
  await world.host();
  await world.clock.advance(10_000);
  expect(work.runs).toHaveLength(2);
  work.runs[1]?.finish('crate');
  await world.clock.advance(10);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed']);
});
