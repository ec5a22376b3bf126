import { expect, test } from 'vitest';
import { makeWorld } from '../../support/world.ts';
import { childMachine, parentMachine } from './family.ts';
import { handwork } from './machines.ts';

const kid = 'child/parent--p1--kid--1-0';

async function family(options: { name?: string; maxBody?: number } = {}) {
  const { name = 'ann', ...rest } = options;
  const work = handwork();
  const child = childMachine(work.code('work') as never);
  const world = makeWorld([child, parentMachine(child)], rest);
  const running = await world.host();
  await world.send('parent/p1', 'create', { name });
  await world.clock.advance(100);
  return { work, world, ...running };
}

test('given a child that does the work, when it ends, then its parent has the output, and nothing is left in the queue', async () => {
  const { work, world } = await family();
  expect(world.queue.stored()).toHaveLength(1);
  work.runs[0]?.finish('gold');
  await world.clock.advance(100);
  expect(world.state('parent/p1')).toMatchObject({ snapshot: { value: 'done', context: { got: 'gold' } } });
  expect(world.queue.stored()).toHaveLength(0);
  expect(await world.dead.list()).toEqual([]);
});

test('given a child whose input its schema refuses, when it is to be created, then its parent is told that it failed', async () => {
  const { world } = await family({ name: 'far too long a name' });
  await world.clock.advance(1_000);
  expect(world.types('parent/p1')).toEqual(['actor.created', 'child.failed']);
  expect(world.state('parent/p1')).toMatchObject({ snapshot: { value: 'failed', context: { error: 'bad_body' } } });
  expect(world.queue.stored()).toHaveLength(0);
});

test('given a child whose output is larger than a command may be, when it ends, then its parent is told that', async () => {
  const { work, world } = await family({ maxBody: 2_000 });
  work.runs[0]?.finish('x'.repeat(3_000));
  await world.clock.advance(1_000);
  expect(world.state('parent/p1')).toMatchObject({ snapshot: { value: 'failed', context: { error: 'payload_too_large' } } });
});

test('given a parent that leaves, when its child is working, then the child is cancelled; when it has ended meanwhile, then nothing is wrong', async () => {
  const { work, world } = await family();
  await world.send('parent/p1', 'leave');
  await world.clock.advance(100);
  expect(world.status(kid)).toBe('cancelled');
  expect(work.runs[0]?.scope.signal.aborted).toBe(true);
  await world.queue.send({ to: kid, command: 'cancel', body: {}, id: 'once more', by: 'parent/p1' });
  await world.clock.advance(100);
  expect(await world.dead.list()).toEqual([]);
  expect(world.queue.stored()).toHaveLength(0);
});

test('given a child whose creation comes back late from a host that died, when its cancellation has overtaken it, then the child is cancelled after all', async () => {
  const work = handwork();
  const world = makeWorld([childMachine(work.code('work') as never)]);
  await world.host();
  await world.queue.send({ to: kid, command: 'cancel', body: {}, id: 'parent/p1#2:0', by: 'parent/p1' });
  await world.clock.advance(3_000);
  await world.queue.send({ to: kid, command: '_create', body: { input: { name: 'ann' }, parent: { actor: 'parent/p1', effect: '1:0' } }, id: 'parent/p1#1:0', by: 'parent/p1' });
  await world.clock.advance(20_000);
  expect(world.types(kid)).toEqual(['actor.created', 'cancel']);
  expect(await world.dead.list()).toEqual([]);
});

test('given a command of an actor for one that is never created, when it has waited, then it is a dead letter', async () => {
  const work = handwork();
  const world = makeWorld([childMachine(work.code('work') as never)]);
  await world.host();
  await world.queue.send({ to: kid, command: 'cancel', body: {}, id: 'parent/p1#2:0', by: 'parent/p1' });
  await world.clock.advance(60_000);
  expect(await world.dead.list()).toMatchObject([{ code: 'no_such_actor', commandId: 'parent/p1#2:0' }]);
  expect(world.queue.stored()).toHaveLength(0);
});
