import { expect, test } from 'vitest';
import { makeWorld } from '../../support/world.ts';
import { appendElsewhere } from './elsewhere.ts';
import { handwork, parcel } from './machines.ts';

test('given appends that take their time, when a record asks for an activity or a timer, then neither begins, and nobody is told, before it is stored', async () => {
  const work = handwork();
  const pending: (() => void)[] = [];
  const world = makeWorld([parcel(work.code)], { faults: () => new Promise((resolve) => { pending.push(() => { resolve(undefined); }); }) });
  await world.host();
  const id = await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(100);
  expect(work.runs).toEqual([]);
  expect(world.answer(id)).toBeUndefined();
  pending[0]?.();
  await world.clock.advance(10);
  expect(work.runs).toHaveLength(1);
  expect(world.answer(id)).toEqual({ accepted: true, seq: 1 });
  work.runs[0]?.finish('crate');
  await world.clock.advance(1_000);
  expect(world.queue.schedules()).toEqual([]);
  pending[1]?.();
  await world.clock.advance(10);
  expect(world.queue.schedules()).toHaveLength(1);
});

test('given a state that another host has gone on from, when this one appends, then that stores nothing, and it decides anew from the log', async () => {
  const work = handwork();
  const definition = parcel(work.code);
  const world = makeWorld([definition]);
  await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  await appendElsewhere(world, definition, 'parcel/p1', 'label', { text: 'theirs' });
  const id = await world.send('parcel/p1', 'label', { text: 'ours' });
  await world.clock.advance(10);
  expect(world.records('parcel/p1').map(({ seq, type, data }) => [seq, type, data.text])).toEqual([[1, 'actor.created', undefined], [2, 'label', 'theirs'], [3, 'label', 'ours']]);
  expect(world.answer(id)).toEqual({ accepted: true, seq: 3 });
});

test('given a timer, when somebody publishes its message under another name, too early, or for an effect that is not there, then nothing fires and the actor is not disturbed', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  work.runs[0]?.finish('crate');
  await world.clock.advance(10);
  const timer = world.state('parcel/p1').timers['2:0']?.timer;
  const forge = (body: object): Promise<void> => world.queue.publish('millrace.cmd.parcel.p1._timer', JSON.stringify(body));
  await forge({ timer: 'another', effect: '2:0' });
  await forge({ timer, effect: '999:0' });
  await forge({ timer, effect: '1:0' });
  await world.clock.advance(1_000);
  expect(world.queue.stored()).toHaveLength(0);
  await forge({ timer, effect: '2:0' });
  await world.clock.advance(50_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed']);
  expect(await world.board.get('parcel/p1')).toMatchObject({ status: 'waiting' });
  await world.clock.advance(10_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed', 'timer.fired']);
});

test('given a command that comes again while the first delivery of it waits, when the first is refused, then the second is not taken, whatever the chart would say by then', async () => {
  let slow = false;
  let go = (): void => undefined;
  const world = makeWorld([parcel(handwork().code)], { faults: () => (slow ? new Promise((resolve) => { go = () => { resolve(undefined); }; }) : undefined) });
  await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  slow = true;
  await world.send('parcel/p1', 'label', { text: 'slow' });
  const start = await world.send('parcel/p1', 'start');
  await world.send('parcel/p1', 'stop');
  await world.clock.advance(10);
  const message = world.queue.stored().find(({ subject }) => subject.endsWith('.start'));
  if (message === undefined) throw new Error('the command is not there');
  world.queue.upsets.redeliver(message, 0);
  await world.clock.advance(10);
  slow = false;
  go();
  await world.clock.advance(10);
  expect(world.answer(start)).toMatchObject({ accepted: false });
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'label', 'stop']);
});
