import { expect, test } from 'vitest';
import { makeWorld } from '../../support/world.ts';
import { handwork, parcel } from './machines.ts';

test('A7.13: given a board that says of running work that it has ended, and of an actor that was never there that it runs, when another host goes on, then it goes by the logs alone, and the line is right again with the next record', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const first = await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(1_000);
  const line = await world.board.get('parcel/p1');
  if (line === undefined) throw new Error('p1 is not on the board');
  await world.board.put({ ...line, status: 'completed', value: 'shipped' });
  await world.board.put({ ...line, actor: 'parcel/ghost' });
  first.crash();
  await world.host();
  await world.clock.runUntil(() => work.runs.length === 2);
  const asked = await world.send('parcel/ghost', 'stop');
  await world.clock.advance(10);
  expect(world.answer(asked)).toMatchObject({ accepted: false, code: 'no_such_actor' });
  expect(world.records('parcel/ghost')).toEqual([]);
  work.runs[1]?.fail(new Error('broken'));
  await world.clock.advance(1_000);
  expect(world.status('parcel/p1')).toBe('failed');
  expect(await world.board.get('parcel/p1')).toMatchObject({ status: 'failed', seq: 2 });
});

test('given a build that has ended while the server keeps its line waiting, when its command comes again and the host dies, then the command was not acknowledged, and another host writes the line', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)], { ackWaitMs: 2_000 });
  let dies = (): void => {};
  const gone = new Promise<never>((_, reject) => { dies = () => reject(new Error('the connection dropped')); });
  gone.catch(() => undefined);
  const first = await world.host({ board: { ...world.board, put: () => gone } });
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.runUntil(() => work.runs.length === 1);
  work.runs[0]?.fail(new Error('broken'));
  await world.clock.runUntil(() => world.ended('parcel/p1'));
  await world.clock.advance(3_000);
  expect(world.queue.stored()).toHaveLength(1);
  first.crash();
  dies();
  await world.host();
  await world.clock.advance(5_000);
  expect(await world.board.get('parcel/p1')).toMatchObject({ status: world.status('parcel/p1'), seq: world.records('parcel/p1').length });
  expect(world.queue.stored()).toEqual([]);
});
