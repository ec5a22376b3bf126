import { expect, test } from 'vitest';
import { assign, raise, setup } from 'xstate';
import { contextOf } from '../../../src/kernel/status.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { Cell, Held } from '../../../src/runtime/host/context.ts';
import { newest } from '../../../src/runtime/host/held.ts';
import type { Delivery } from '../../../src/runtime/ports/queue.ts';
import { RetryableError } from '../../../src/kernel/errors.ts';
import { makeWorld } from '../../support/world.ts';
import { appendElsewhere } from './elsewhere.ts';
import { handwork, parcel } from './machines.ts';

/** A host to whose deliveries the test can do something on their way. */
async function hostWith(change: (delivery: Delivery) => Delivery) {
  const work = handwork();
  const definition = parcel(work.code);
  const world = makeWorld([definition]);
  const connection = world.queue.connect();
  await world.host({ queue: { ...connection, consume: (types, onDelivery) => connection.consume(types, (delivery) => onDelivery(change(delivery))) } });
  return { work, world, definition };
}

const stored = (world: ReturnType<typeof makeWorld>): readonly string[] => world.queue.stored().map(({ subject }) => subject.split('.').at(-1) ?? '');

test('given work that another host goes on with under the same message, when this host\'s own part of it is out of date, then it gives the message back and does not acknowledge it', async () => {
  let passedOn = false;
  const { work, world, definition } = await hostWith((delivery) => ({ ...delivery, isPassedOn: () => passedOn }));
  await world.send('parcel/p1', 'create', { weight: 1 }, 'c1');
  await world.clock.advance(10);
  passedOn = true;
  // The other host stopped and started it: `load` runs there under a new key.
  await appendElsewhere(world, definition, 'parcel/p1', 'stop');
  await appendElsewhere(world, definition, 'parcel/p1', 'start');
  work.runs[0]?.finish('too late');
  await world.clock.advance(1_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'stop', 'start']);
  expect(stored(world)).toEqual(['create']);
});

test('given a stop whose acknowledgement arrives late, when the actor was started meanwhile, then the start is still there to bring it back', async () => {
  const late: Delivery[] = [];
  const { work, world } = await hostWith((delivery) => ({
    ...delivery,
    ack: async () => {
      if (delivery.command !== 'stop') return await delivery.ack();
      late.push(delivery);
      throw new RetryableError('broker_gone', 'nobody answered');
    },
  }));
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.send('parcel/p1', 'stop');
  await world.clock.advance(5_500);
  expect(late.length).toBeGreaterThan(0);
  // The stop comes back in the moment in which the start comes.
  const stop = world.queue.stored().find(({ subject }) => subject.endsWith('.stop'));
  if (stop !== undefined) world.queue.upsets.redeliver(stop, 0);
  await world.send('parcel/p1', 'start');
  await world.clock.advance(1_000);
  expect(work.runs).toHaveLength(2);
  await Promise.all(late.map((delivery) => delivery.ack()));
  expect(stored(world)).toEqual(['start']);
});

test('given a timer that has fired and a stop that came before it and comes back, when the timer\'s work goes on, then it is the timer\'s message that is kept', async () => {
  const { work, world } = await hostWith((delivery) => delivery);
  await world.send('parcel/p1', 'create', { weight: 1 }, 'c1');
  await world.clock.advance(10);
  work.runs[0]?.finish('crate');
  await world.clock.advance(30_000);
  await world.send('parcel/p1', 'label', { text: 'fragile' }, 'l1');
  await world.clock.runUntil(() => work.runs.some(({ name }) => name === 'ship'));
  await world.clock.advance(1_000);
  await world.queue.publish('millrace.cmd.parcel.p1.label', '{"text":"fragile"}', { 'Millrace-Command-Id': 'l1' });
  await world.clock.advance(1_000);
  expect(stored(world)).toEqual(['_timer']);
});

test('given two timers that came due while no host was there, when the later one\'s message comes first, then they fire in the order in which they were due', async () => {
  const machine = setup({ types: {} as { context: { heard: readonly string[] }; events: { type: 'soon' } | { type: 'late' } } }).createMachine({
    id: 'ears', context: { heard: [] },
    entry: [raise({ type: 'late' }, { delay: 3_000 }), raise({ type: 'soon' }, { delay: 1_000 })],
    on: { '*': { actions: assign({ heard: ({ context, event }) => [...context.heard, event.type] }) } },
  });
  const world = makeWorld([defineMachine({ machine, version: '1' })]);
  const { crash } = await world.host();
  await world.send('ears/e1', 'create');
  await world.clock.advance(10);
  crash();
  await world.clock.advance(10_000);
  // The one that was due first is with somebody who died, and comes back later than the other.
  const soon = world.queue.stored().find(({ body }) => new TextDecoder().decode(body).includes('soon'));
  if (soon !== undefined) world.queue.upsets.redeliver(soon, 4_000);
  await world.host();
  await world.clock.advance(20_000);
  expect(contextOf(world.state('ears/e1'))).toEqual({ heard: ['soon', 'late'] });
  expect(world.queue.stored()).toHaveLength(0);
});

test('given a command that waited here for longer than its acknowledgement wait, when another host turned it away meanwhile, then it is not taken here', async () => {
  let cut = false;
  let gone = false;
  const { world } = await hostWith((delivery) => ({ ...delivery, isPassedOn: () => cut, isGone: async () => gone }));
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  // Another host refused it, acknowledged it, and then took the stop: by now the chart would take it.
  cut = true;
  gone = true;
  await world.send('parcel/p1', 'stop', {}, 's1');
  await world.clock.advance(10);
  expect(world.types('parcel/p1')).toEqual(['actor.created']);
  expect(world.answer('s1')).toBeUndefined();
  gone = false;
  await world.send('parcel/p1', 'stop', {}, 's2');
  await world.clock.advance(10);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'stop']);
});

test('given a start that this host would turn away, when another host has it in hand as well by now, then that host decides, and what it starts has a message behind it', async () => {
  let first: Delivery | undefined;
  const { work, world, definition } = await hostWith((delivery) => {
    if (delivery.command !== 'start' || first !== undefined) return delivery;
    return (first = {
      ...delivery,
      isPassedOn: () => true,
      // The other host, which has both, takes the stop first.
      retry: (delayMs) => void appendElsewhere(world, definition, 'parcel/p1', 'stop').then(() => delivery.retry(delayMs)),
    });
  });
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  await world.send('parcel/p1', 'start', {}, 's1');
  await world.clock.advance(1_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'stop', 'start']);
  expect(world.answer('s1')).toMatchObject({ accepted: true, seq: 3 });
  expect(work.runs).toHaveLength(2);
  expect(stored(world)).toContain('start');
});

test('given messages of which one is being let go of, when one is to be kept for work in flight, then it is the newest of the others, and that one only when there is no other', () => {
  const held = (id: string, ledTo: number): Held => ({ id, ledTo }) as Held;
  const cell = (all: readonly Held[], ...parting: string[]): Cell => ({ held: all, parting: new Set(parting) }) as unknown as Cell;
  const all = [held('create', 1), held('stop', 2), held('timer', 3)];
  expect(newest(cell(all))?.id).toBe('timer');
  expect(newest(cell(all, 'timer'))?.id).toBe('stop');
  expect(newest(cell(all, 'create', 'stop', 'timer'))?.id).toBe('timer');
  expect(newest(cell([]))).toBeUndefined();
});
