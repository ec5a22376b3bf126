import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Definition } from '../../../src/kernel/definition.ts';
import { TerminalError } from '../../../src/kernel/errors.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import { makeWorld, type World } from '../../support/world.ts';
import { plain, saga } from '../saga/support/specs.ts';

const leg: ActorName = 'leg/trip--t1--leg--2-0';
const tour: ActorName = 'tour/o1';
const inTour: ActorName = 'trip/tour--o1--trip--1-0';

/** What the hotel says to giving the room back. */
interface Hotel { closed: boolean; readonly undone: string[] }

const completed = (name: string) => (output: Json) => ((output as { status: string }).status === 'completed'
  ? { ok: true as const, gives: {} }
  : { ok: false as const, error: { name: 'TerminalError', code: `${name}_failed`, message: 'no', retryable: false } });

/** A tour has a trip, a trip has a leg; the leg's last step never works, and giving back its room needs the hotel. */
function sagas(hotel: Hotel): readonly Definition[] {
  const undone = (name: string) => ({ undo: async (): Promise<void> => { hotel.undone.push(name); } });
  const legs = defineSaga({ ...saga(
    plain('room', { undo: async () => {
      if (hotel.closed) throw new TerminalError('hotel_closed', 'nobody answers');
      hotel.undone.push('room');
    } }),
    plain('ride', { run: async () => { throw new TerminalError('no_train', 'there is none'); } } as never),
  ), name: 'leg' });
  const child = (name: string, definition: Definition) => step({
    name, needs: z.object({}), gives: z.object({}), child: definition, childInput: () => ({}),
    settle: completed(name),
  });
  const trip = defineSaga({ ...saga(plain('book', undone('book')), child('leg', legs)), name: 'trip' });
  return [legs, trip, defineSaga({ ...saga(child('trip', trip)), name: 'tour' })];
}

async function blockedTrip(): Promise<{ world: World; hotel: Hotel }> {
  const hotel: Hotel = { closed: true, undone: [] };
  const world = makeWorld(sagas(hotel));
  await world.host();
  await world.send('trip/t1', 'create');
  await world.clock.advance(3_000);
  return { world, hotel };
}

const why = { actor: leg, reason: 'the undo of "room" failed: nobody answers', commands: ['abandon', 'retry-undo'] };

describe('a saga in a saga', () => {
  it('given a child that is blocked, when its parent is looked at, then that is blocked too and says on whom, why, and what helps', async () => {
    const { world } = await blockedTrip();
    expect(world.status(leg)).toBe('blocked');
    expect(world.status('trip/t1')).toBe('blocked');
    expect(await world.board.get('trip/t1')).toMatchObject({ status: 'blocked', blocked: why, children: [leg] });
    expect(await world.board.get(leg)).toMatchObject({ status: 'blocked', blocked: why, parent: 'trip/t1' });
    expect(world.types('trip/t1')).toEqual(['actor.created', 'activity.completed', 'child.blocked']);
    expect(world.queue.stored()).toEqual([]);
  });

  it('given a blocked child, when a person retries its undo, then the parent goes on in the moment the child does, and turns back when that has ended', async () => {
    const { world, hotel } = await blockedTrip();
    hotel.closed = false;
    await world.send(leg, 'retry-undo');
    await world.clock.advance(3_000);
    expect(world.types('trip/t1')).toEqual(['actor.created', 'activity.completed', 'child.blocked', 'child.resumed', 'child.completed', 'activity.completed']);
    expect(hotel.undone).toEqual(['room', 'book']);
    expect(world.status('trip/t1')).toBe('failed');
    expect((await world.board.get('trip/t1'))?.blocked).toBeUndefined();
  });

  it('given a grandchild that is blocked, when the outermost saga is looked at, then it names the grandchild, and goes on with it', async () => {
    const hotel: Hotel = { closed: true, undone: [] };
    const world = makeWorld(sagas(hotel));
    await world.host();
    await world.send(tour, 'create');
    await world.clock.advance(3_000);
    const grandchild = (await world.board.get(inTour))?.children?.[0] as ActorName;
    expect(await world.board.get(tour)).toMatchObject({ status: 'blocked', blocked: { actor: grandchild, reason: why.reason } });
    await world.send(grandchild, 'abandon');
    await world.clock.advance(3_000);
    expect([world.status(grandchild), world.status(inTour), world.status(tour)]).toEqual(['failed', 'failed', 'failed']);
  });

  it('given a blocked child, when its parent is cancelled, then the parent waits for it without a dead letter, and undoes its own only after the child', async () => {
    const { world, hotel } = await blockedTrip();
    await world.send('trip/t1', 'cancel', {}, 'x1');
    await world.clock.advance(3_000);
    expect(world.answer('x1')).toMatchObject({ accepted: true });
    expect(world.status('trip/t1')).toBe('blocked');
    expect(await world.dead.list()).toEqual([]);
    expect(hotel.undone).toEqual([]);
    hotel.closed = false;
    await world.send(leg, 'retry-undo');
    await world.clock.advance(3_000);
    expect(hotel.undone).toEqual(['room', 'book']);
    expect(world.status('trip/t1')).toBe('cancelled');
  });

  it('given a host that dies right after its child\'s record, when another one goes on, then the parent hears of it', async () => {
    const hotel: Hotel = { closed: true, undone: [] };
    const world = makeWorld(sagas(hotel));
    const connection = world.queue.connect();
    const first = await world.host({ queue: { ...connection, send: async (command) => {
      if (command.command === '_child_blocked') first.crash();
      await connection.send(command);
    } } });
    await world.send('trip/t1', 'create');
    await world.clock.advance(1_000);
    expect(world.types('trip/t1')).not.toContain('child.blocked');
    await world.host();
    await world.clock.advance(30_000);
    expect(world.types('trip/t1').filter((type) => type === 'child.blocked')).toHaveLength(1);
    expect(world.status('trip/t1')).toBe('blocked');
  });

  it('given a child\'s news that come twice and in another order, when the newer ones came first, then the older ones change nothing and nothing is left in the queue', async () => {
    const { world } = await blockedTrip();
    const say = (seq: number, id: string) => world.queue.send({ to: 'trip/t1', command: '_child_resumed', body: { effect: '2:0', seq }, id, by: leg });
    await say(90, 'late');
    await world.clock.advance(100);
    expect(world.status('trip/t1')).toBe('running');
    await world.queue.send({ to: 'trip/t1', command: '_child_blocked', body: { effect: '2:0', seq: 89, blocked: why }, id: 'early', by: leg });
    await say(90, 'again');
    await world.clock.advance(100);
    expect(world.status('trip/t1')).toBe('running');
    expect(world.types('trip/t1').slice(2)).toEqual(['child.blocked', 'child.resumed']);
    expect(world.queue.stored()).toEqual([]);
    expect(await world.dead.list()).toEqual([]);
  });

  it('given the same log folded by anyone, when a child is made, made again and found after a crash, then its name is the same', async () => {
    const { world } = await blockedTrip();
    const [created] = world.records(leg);
    expect(created?.data.parent).toEqual({ actor: 'trip/t1', effect: '2:0' });
    await world.queue.send({ to: leg, command: '_create', body: { input: {}, parent: { actor: 'trip/t1', effect: '2:0' } }, id: 'trip/t1#2:0 again', by: 'trip/t1' });
    await world.clock.advance(100);
    expect(world.types(leg).filter((type) => type === 'actor.created')).toHaveLength(1);
  });
});

describe('a saga that hands stop and start on to the saga in it', () => {
  const runs: string[] = [];
  const slow = { run: async ({ wait, stepKey }: { wait: (ms: number) => Promise<void>; stepKey: string }) => {
    runs.push(stepKey);
    await wait(2_000);
    return {};
  } } as never;
  const inner = defineSaga({ ...saga(plain('pack'), plain('ride', slow)), name: 'leg' });
  const outer = defineSaga({ ...saga(plain('book'), step({
    name: 'leg', needs: z.object({}), gives: z.object({}), child: inner, childInput: () => ({}), onStop: 'stop', settle: completed('leg'),
  })), name: 'trip' });

  it('given both are running, when the outer one is stopped and started, then nothing of the inner one is undone, it goes on where it was, and both complete', async () => {
    const world = makeWorld([inner, outer]);
    await world.host();
    await world.send('trip/t1', 'create');
    await world.clock.advance(1_000);
    await world.send('trip/t1', 'stop');
    await world.clock.advance(1_000);
    expect([world.status('trip/t1'), world.status(leg)]).toEqual(['stopped', 'stopped']);
    expect(world.queue.stored()).toEqual([]);
    await world.send('trip/t1', 'start');
    await world.clock.advance(5_000);
    expect([world.status('trip/t1'), world.status(leg)]).toEqual(['completed', 'completed']);
    expect(world.types('trip/t1')).toEqual(['actor.created', 'activity.completed', 'stop', 'child.stopped', 'start', 'child.resumed', 'child.completed']);
    expect(runs).toEqual([`${leg}/ride`, `${leg}/ride`]);
    expect(await world.dead.list()).toEqual([]);
  });

  it('given an inner saga that turns back by itself, when the outer one is stopped, then the word is no dead letter, and the outer one is stopped when the inner one has ended', async () => {
    const world = makeWorld([inner, outer]);
    await world.host();
    await world.send('trip/t2', 'create');
    await world.clock.advance(1_000);
    const its: ActorName = 'leg/trip--t2--leg--2-0';
    await world.send(its, 'cancel');
    await world.send('trip/t2', 'stop');
    await world.clock.advance(3_000);
    expect([world.status(its), world.status('trip/t2')]).toEqual(['cancelled', 'stopped']);
    expect(await world.dead.list()).toEqual([]);
  });
});
