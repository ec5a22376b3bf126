import { describe, expect, it } from 'vitest';
import type { RunStatus } from '../../../src/machines/run/runner.ts';
import { seeded } from '../../support/random.ts';
import { makeRig, minute, second } from './support/rig.ts';

describe('one build', () => {
  it('A7.6 given a trigger that reached the backend, when its worker dies before that is recorded, then the next one finds the same build, and there is one', async () => {
    // The append of the trigger's end never arrives: the worker is gone by then.
    let die = (): void => {};
    const rig = makeRig({ status: ({ ranMs }) => (ranMs > minute ? 'succeeded' : 'running') }, {
      faults: (record) => {
        if (record.type !== 'activity.completed' || record.seq !== 2) return undefined;
        die();
        die = () => {};
        return undefined;
      },
    });
    const { crash } = await rig.world.host({ log: { ...rig.world.log, append: (record, after) => (record.seq === 2 ? new Promise(() => { crash(); }) : rig.world.log.append(record, after)) } });
    await rig.trigger();
    await rig.world.clock.advance(second);
    expect([rig.backend.count('trigger'), rig.world.records('run/r1').length]).toEqual([1, 1]);
    await rig.world.host();
    expect(await rig.untilEnded()).toMatchObject({ status: 'succeeded', buildId: 'b-run-r1' });
    expect([rig.backend.count('trigger'), rig.backend.builds.size]).toEqual([2, 1]);
  });

  it('A7.7 given one run that is triggered twice, and two workers that both run its trigger, when both reach the backend, then one build is there, and it is watched', async () => {
    // Theirs starts a build per path and attempt; here the run's name is the key, whoever asks and however often.
    const rig = makeRig({ status: ({ ranMs }) => (ranMs > minute ? 'succeeded' : 'running') });
    const first = await rig.world.host();
    const ids = [await rig.trigger(), await rig.trigger()];
    await rig.world.clock.advance(1);
    // The first worker hears nothing more, and goes on with what it has.
    first.queue.crash();
    await rig.world.host();
    expect(await rig.untilEnded()).toMatchObject({ status: 'succeeded' });
    expect(rig.backend.builds.size).toBe(1);
    expect(rig.backend.running()).toEqual([]);
    expect(rig.world.answer(ids[0] ?? '')).toMatchObject({ accepted: true });
    expect(rig.world.types('run/r1').filter((type) => type === 'actor.created')).toHaveLength(1);
  });

  it('A7.8 given a run that has ended, when a stale answer says running, signals come and the backend changes its mind, then its end stays as written', async () => {
    // Two hosts poll at once; the stale one hears its answer after the other has recorded the end.
    const rig = makeRig({ status: ({ call }) => (call < 2 ? 'running' : 'succeeded'), statusTakesMs: 3 * second });
    const zombie = await rig.world.host();
    await rig.trigger();
    await rig.world.clock.runUntil(() => rig.backend.count('status') === 1);
    zombie.queue.crash();
    await rig.world.host();
    await rig.untilEnded();
    const end = rig.world.records('run/r1').length;
    rig.backend.meddle('run/r1', { final: 'failed' });
    for (const command of ['signal', 'cancel', 'stop', 'start']) expect(await rig.ask(command)).toMatchObject({ accepted: false, code: 'actor_ended' });
    await rig.world.clock.advance(10 * minute);
    expect(rig.world.records('run/r1')).toHaveLength(end);
    expect(rig.output()).toMatchObject({ status: 'succeeded' });
  });

  it('A7.12 given webhooks that come early, late, twice and in any order, when they race with the polls, then the log tells the same transitions', async () => {
    const transitions = async (seed?: number): Promise<readonly unknown[]> => {
      const random = seeded(seed ?? 0);
      const rig = makeRig({ status: ({ ranMs }) => (ranMs < 6 * second ? 'accepted' : ranMs < 30 * second ? 'running' : 'failed'), statusTakesMs: 300 });
      await rig.world.host();
      await rig.trigger('run/r1', { poll: { acceptedMs: 800, runningMs: 2000 } });
      for (let n = 0; seed !== undefined && n < 40; n++) {
        await rig.world.send('run/r1', 'signal', { hook: n }, `hook-${Math.floor(random.next() * 20)}`);
        await rig.world.clock.advance(Math.floor(random.next() * 1500));
      }
      await rig.untilEnded();
      expect(rig.backend.mostOpen()).toBe(1);
      const said = rig.world.records('run/r1').map(({ data }) => (data.output as { status?: RunStatus } | undefined)?.status).filter((status) => status !== undefined);
      return [said.filter((status, n) => status !== said[n - 1]).filter((status, n) => n > 0 || status !== 'accepted'), rig.output().status];
    };
    const undisturbed = await transitions();
    expect(undisturbed).toEqual([['running', 'failed'], 'failed']);
    for (let seed = 1; seed <= 8; seed++) expect(await transitions(seed)).toEqual(undisturbed);
  });
});
