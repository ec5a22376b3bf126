import { expect, test } from 'vitest';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { makeWorld } from '../../support/world.ts';
import { appendElsewhere } from './elsewhere.ts';
import { handwork, parcel } from './machines.ts';
import { plain, saga } from '../saga/support/specs.ts';

/** A host that keeps `parcel/p1` in memory as it was at record 1, while another host goes on with it. */
async function behind() {
  const work = handwork();
  const definition = parcel(work.code);
  const world = makeWorld([definition]);
  await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  return { work, world, extend: (type: string, data = {}, cause?: string) => appendElsewhere(world, definition, 'parcel/p1', type, data, cause) };
}

test('given a timer that another host set, when its message comes to a host that has not seen that record, then it fires all the same', async () => {
  const { world, extend } = await behind();
  await extend('activity.completed', { activity: 'load', effect: '1:0', output: 'crate' });
  const timer = world.state('parcel/p1').timers['2:0']?.timer ?? '';
  await world.queue.schedule({ to: 'parcel/p1', command: '_timer', body: { timer, effect: '2:0' }, id: 'parcel/p1#2:0', name: 'rest-2-0', due: world.clock.now() + 60_000 });
  await world.clock.advance(60_100);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed', 'timer.fired']);
});

test('given a state that another host has left, when a command comes that only the new state takes, then it is taken', async () => {
  const { world, work, extend } = await behind();
  await extend('stop');
  const id = await world.send('parcel/p1', 'start');
  await world.clock.advance(10);
  expect(world.answer(id)).toEqual({ accepted: true, seq: 3 });
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0', 'parcel/p1#3:0']);
});

test('given a command that another host took and died of, when it comes back to a host whose old state would refuse it, then its work goes on', async () => {
  const { world, work, extend } = await behind();
  await extend('stop');
  await extend('start', {}, 'taken-elsewhere');
  await world.send('parcel/p1', 'start', {}, 'taken-elsewhere');
  await world.clock.advance(10);
  expect(world.answer('taken-elsewhere')).toEqual({ accepted: true, seq: 3 });
  expect(work.runs.at(-1)?.scope.key).toBe('parcel/p1#3:0');
  expect(world.queue.stored().map((message) => message.headers['Nats-Msg-Id'])).toHaveLength(1);
});

test('given work that another host has finished, when its command comes back to a host with the old state, then it is not done again', async () => {
  const { world, work, extend } = await behind();
  await world.send('parcel/p1', 'stop');
  await world.clock.advance(10);
  await extend('start', {}, 's1');
  await extend('activity.completed', { activity: 'load', effect: '3:0', output: 'crate' });
  await world.send('parcel/p1', 'start', {}, 's1');
  await world.clock.advance(10);
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0']);
  expect(world.answer('s1')).toEqual({ accepted: true, seq: 3 });
});

test('given an activity that another host was told to abort, when this host, which runs it too, hears of that, then it aborts its own', async () => {
  const work = handwork();
  const definition = defineSaga(saga(plain('a', { run: work.code('a') as never })));
  const world = makeWorld([definition]);
  await world.host();
  await world.send('demo/d1', 'create', {}, 'c1');
  await world.clock.advance(10);
  await appendElsewhere(world, definition, 'demo/d1', 'stop');
  await world.clock.advance(130_000);
  expect(work.runs[0]?.scope.signal.aborted).toBe(false);
  await world.send('demo/d1', 'create', {}, 'c1');
  await world.clock.advance(1_000);
  expect(work.runs).toHaveLength(1);
  expect(work.runs[0]?.scope.signal.aborted).toBe(true);
  expect(world.status('demo/d1')).toBe('stopped');
});
