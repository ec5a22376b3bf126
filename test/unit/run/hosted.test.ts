import { describe, expect, it } from 'vitest';
import { outputOf } from '../../../src/kernel/status.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import { fakeRunner } from '../../support/fake/runner.ts';
import { makeWorld, type World } from '../../support/world.ts';

const actor = 'run/r1';
const minute = 60_000;

async function started(metadata: Record<string, string>, more: Record<string, number> = {}) {
  const runner = fakeRunner();
  const world = makeWorld([runDefinition({ runners: () => runner })]);
  const running = await world.host();
  await world.send(actor, 'trigger', { runner: 'fake', head: [{ uri: 'source:x' }], metadata, ...more });
  return { runner, world, ...running };
}

const count = (world: World, type: string): number => world.types(actor).filter((each) => each === type).length;

describe('a run on a host', () => {
  it('given hosts that die again and again, when the build ends, then it was started once and nothing is left over', async () => {
    const script = `${'accepted '.repeat(3)}${'running '.repeat(60)}succeeded`;
    for (let seed = 1; seed <= 10; seed++) {
      let random = seed;
      const next = (below: number): number => (random = (random * 48_271) % 2_147_483_647) % below;
      const { runner, world, crash } = await started({ 'fake.status': script, 'fake.trigger': 'lost ok' });
      let kill = crash;
      for (let death = 0; death < 8; death++) {
        await world.clock.advance(next(20_000));
        kill();
        ({ crash: kill } = await world.host());
      }
      await world.clock.runUntil(() => world.ended(actor), 60 * minute);
      await world.clock.advance(minute);
      expect(outputOf(world.state(actor))).toMatchObject({ status: 'succeeded' });
      expect(runner.started).toEqual([actor]);
      expect(await world.dead.list()).toEqual([]);
      expect([world.queue.stored(), world.queue.schedules()]).toEqual([[], []]);
    }
  });

  it('given a build that hangs, when its deadline passes although every host died meanwhile, then it is cancelled and failed', async () => {
    const { runner, world, crash } = await started({ 'fake.status': 'running' }, { deadlineMs: 10 * minute });
    await world.clock.advance(3 * minute);
    crash();
    await world.clock.advance(5 * minute);
    await world.host();
    await world.clock.advance(2 * minute - 1000);
    expect(world.status(actor)).toBe('running');
    await world.clock.runUntil(() => world.ended(actor), minute);
    expect(runner.cancels).toHaveLength(1);
    expect(outputOf(world.state(actor))).toMatchObject({ status: 'failed', reason: 'the deadline of 600000 ms has passed' });
  });

  it('given webhooks and polls that race, when they come twice and late, then the end is recorded once', async () => {
    const { world } = await started({ 'fake.status': 'running running running succeeded' });
    await world.clock.advance(100);
    for (let hook = 0; hook < 6; hook++) await world.send(actor, 'signal', { hook }, `hook-${hook % 3}`);
    await world.clock.runUntil(() => world.ended(actor), minute);
    const before = world.types(actor).length;
    const late = await world.send(actor, 'signal');
    await world.clock.advance(minute);
    expect(world.answer(late)).toMatchObject({ accepted: false, code: 'actor_ended' });
    expect(count(world, 'signal')).toBeLessThanOrEqual(3);
    expect(world.types(actor)).toHaveLength(before);
  });
});
