import { expect, test } from 'vitest';
import type { LogRecord } from '../../../src/kernel/record.ts';
import type { LogFault } from '../../support/fake/log.ts';
import { verify } from '../../../src/kernel/chain.ts';
import { makeWorld } from '../../support/world.ts';
import { handwork, parcel } from './machines.ts';

const faultAt = (wanted: number, fault: LogFault) => (_record: LogRecord, append: number): LogFault | undefined => (append === wanted ? fault : undefined);

test.each([
  [1, 'lose_ack'], [2, 'lose_ack'], [3, 'lose_ack'], [4, 'lose_ack'],
  [1, 'lose_publish'], [2, 'lose_publish'], [3, 'lose_publish'], [4, 'lose_publish'],
  [1, 'conflict'], [2, 'conflict'], [3, 'conflict'], [4, 'conflict'],
] as const)('given append %i meets %s, when the host goes on, then the log is as undisturbed and each activity ends once', async (append, fault) => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)], { faults: faultAt(append, fault) });
  await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.runUntil(() => work.runs.length === 1);
  work.runs[0]?.finish('crate');
  await world.clock.runUntil(() => work.runs.length === 2);
  work.runs[1]?.finish('away');
  await world.clock.runUntil(() => world.ended('parcel/p1'));
  await world.clock.advance(120_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed', 'timer.fired', 'activity.completed']);
  expect(verify(world.records('parcel/p1'))).toEqual({ ok: true });
  expect(world.queue.stored()).toHaveLength(0);
  expect(await world.board.get('parcel/p1')).toMatchObject({ status: 'completed', seq: 4 });
});

test('given a broker that is away for an hour, when it comes back, then nothing is lost and nothing is dead', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const { queue } = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  queue.setDown(true);
  work.runs[0]?.finish('crate');
  await world.clock.advance(3_600_000);
  queue.setDown(false);
  await world.clock.runUntil(() => work.runs.some((run) => run.name === 'ship'));
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed', 'timer.fired']);
  expect(await world.dead.list()).toEqual([]);
});

test('given a log that cannot be reached for an hour, when it is back, then the command that waited is taken, and waiting made no dead letter of it', async () => {
  const work = handwork();
  let isAway = true;
  const world = makeWorld([parcel(work.code)], { faults: () => (isAway ? 'lose_publish' : undefined) });
  await world.host();
  const id = await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(3_600_000);
  expect(await world.dead.list()).toEqual([]);
  expect(world.queue.stored()).toHaveLength(1);
  isAway = false;
  await world.clock.advance(10_000);
  expect(world.answer(id)).toEqual({ accepted: true, seq: 1 });
  expect(await world.dead.list()).toEqual([]);
});

test('A7.10: given two hosts on one actor on purpose, when both extend it, then the log has one order and no stale effect in it', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const first = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  // The first host goes deaf but lives: it keeps its activity and will try to append its end.
  first.queue.crash();
  await world.host();
  await world.clock.runUntil(() => work.runs.length === 2);
  await world.send('parcel/p1', 'stop');
  await world.clock.advance(10);
  work.runs[0]?.finish('from the first host');
  await world.clock.advance(10_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'stop']);
  expect(verify(world.records('parcel/p1'))).toEqual({ ok: true });
});
