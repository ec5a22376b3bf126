import { expect, test } from 'vitest';
import { fakeQueue } from '../../support/fake/queue.ts';
import { makeWorld } from '../../support/world.ts';
import { handwork, parcel } from './machines.ts';

/** One host is at work on p1, or stores its first record, when its partition passes to another one. */
async function passedOn({ duringAppend = false } = {}) {
  const works = [handwork(), handwork()] as const;
  let letAppendsGo = (): void => {};
  const gate = duringAppend ? new Promise<undefined>((resolve) => { letAppendsGo = () => { resolve(undefined); }; }) : undefined;
  let appends = 0;
  const world = makeWorld([parcel(works[0].code)], { faults: () => { appends++; return gate; } });
  const shared = fakeQueue(world.clock, { tellsPassedOn: true });
  for (const work of works) await world.host({ definitions: [parcel(work.code)], queue: shared.connect() });
  await shared.send({ to: 'parcel/p1', command: 'create', body: { weight: 1 }, id: 'c1' });
  await world.clock.runUntil(() => appends === 1 && (duringAppend || works.some(({ runs }) => runs.length === 1)));
  // The first one that connected is pinned first.
  const [{ runs: first }, { runs: second }] = works;
  const [group = ''] = shared.upsets.groups();
  shared.upsets.move(group);
  /** The broker forgets who has what: the message comes to whoever has the partition now. */
  const comesToTheOther = async (): Promise<void> => {
    for (const message of shared.stored()) shared.upsets.redeliver(message, 0);
    await world.clock.advance(10);
  };
  return { world, shared, group, first, second, comesToTheOther, letAppendsGo };
}

test('given work that is being finished where its partition was passed on, when the connection drops and its command comes to the other worker, then it is aborted here before it goes on there, and only that is recorded', async () => {
  const { world, shared, first, second, comesToTheOther } = await passedOn();
  await world.clock.advance(20_000);
  expect(first[0]?.scope.signal.aborted).toBe(false);
  expect(second).toHaveLength(0);
  shared.upsets.revoke();
  expect(first[0]?.scope.signal.aborted).toBe(true);
  expect(first[0]?.scope.signal.reason).toMatchObject({ code: 'passed_on' });
  await comesToTheOther();
  expect(second).toHaveLength(1);
  expect(world.types('parcel/p1')).toEqual(['actor.created']);
  second[0]?.finish('by the other');
  await world.clock.advance(10);
  expect(world.records('parcel/p1').map(({ type, data }) => [type, data.output])).toEqual([['actor.created', undefined], ['activity.completed', 'by the other']]);
});

test('given a creation that is just being stored where the partition was passed on, when the connection drops, then it is recorded, and what follows is begun by the other worker alone', async () => {
  const { world, second, first, shared, comesToTheOther, letAppendsGo } = await passedOn({ duringAppend: true });
  shared.upsets.revoke();
  letAppendsGo();
  await world.clock.advance(10);
  expect(world.types('parcel/p1')).toEqual(['actor.created']);
  expect([first.length, second.length]).toEqual([0, 0]);
  await comesToTheOther();
  expect([first.length, second.length]).toEqual([0, 1]);
});

test('given work that was left off, when its command comes to this worker again, then it goes on with it', async () => {
  const { world, shared, group, first, second, comesToTheOther } = await passedOn();
  shared.upsets.revoke();
  shared.upsets.move(group);
  await comesToTheOther();
  expect([first.length, second.length]).toEqual([2, 0]);
  first[1]?.finish('at the second try');
  await world.clock.advance(10);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed']);
});
