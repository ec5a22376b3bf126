import { describe, expect, it } from 'vitest';
import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import type { RunStatus } from '../../../src/machines/run/runner.ts';
import type { World } from '../../support/world.ts';
import { hour, makeRig, minute, second } from './support/rig.ts';

const gaps = (times: readonly number[]): number[] => times.slice(1).map((at, n) => at - (times[n] ?? 0));
const badGateway = (): never => { throw new RetryableError('http_502', 'the service said 502'); };

/** Chains of polls that are alive: a check that runs, or a message for the next one. */
const chains = (world: World): number => {
  const { activities, timers } = world.state('run/r1');
  return Object.keys(activities).length + Object.values(timers).filter(({ timer }) => timer.includes('nextCheck')).length;
};

describe('the poll loop', () => {
  it.each([2000, 200])('A7.1 given a build that is accepted and then running for 500 polls of %d ms, when it succeeds, then there was one live chain, no failure, no dead letter, and a record for each change', async (everyMs) => {
    const rig = makeRig({ status: ({ call }) => (call > 501 ? 'succeeded' : call > 1 ? 'running' : 'accepted') });
    await rig.world.host();
    await rig.trigger('run/r1', { poll: { acceptedMs: everyMs, runningMs: everyMs } });
    await rig.world.clock.advance(everyMs / 2);
    for (let step = 1; !rig.world.ended('run/r1'); step++) {
      expect(chains(rig.world)).toBe(1);
      expect([rig.context().failures, rig.backend.mostOpen()]).toEqual([0, step === 1 ? 0 : 1]);
      // Waiting is a stored message: a scheduled one, or one that is not acknowledged yet.
      expect(rig.world.queue.stored().length + rig.world.queue.schedules().length).toBeGreaterThan(1);
      await rig.world.clock.advance(everyMs);
    }
    expect(rig.backend.count('status')).toBe(502);
    expect(new Set(gaps(rig.backend.times('status')))).toEqual(new Set([everyMs]));
    // "One wake per change" is one record per change for whoever follows the log.
    const said = rig.world.records('run/r1').filter(({ type }) => type === 'activity.completed').map(({ data }) => (data.output as { status?: RunStatus }).status);
    expect(said.filter((status, n) => status !== said[n - 1])).toEqual([...(everyMs < 1000 ? [] : ['accepted']), 'running', 'succeeded']);
    expect(await rig.letters()).toEqual([]);
  });

  it('A7.3 given two waits, two failures, a wait, and then failures only, when the budget is gone, then the dead letter comes with the last of them, with its own reason', async () => {
    // Theirs dead-letters the message; here the chart settles the build first and then leaves the letter.
    const rig = makeRig({
      status: ({ call }) => {
        if (call === 3 || call === 4) badGateway();
        if (call > 5) throw new RetryableError('http_503', `the service said 503 for the ${call}th time`);
        return 'running';
      },
      cancelTakesMs: Infinity,
    });
    await rig.world.host();
    await rig.trigger();
    await rig.world.clock.runUntil(() => rig.backend.count('status') === 4);
    await rig.world.clock.settle();
    expect(rig.context().failures).toBe(2);
    await rig.world.clock.runUntil(() => rig.backend.count('status') === 14);
    await rig.world.clock.settle();
    expect([rig.context().failures, rig.world.status('run/r1'), await rig.letters()]).toEqual([9, 'running', []]);
    await rig.world.clock.runUntil(() => rig.backend.count('status') === 15);
    await rig.world.clock.settle();
    expect([rig.world.status('run/r1'), rig.backend.count('cancel')]).toEqual(['stopping', 1]);
    await rig.untilEnded();
    const reason = 'the runner could not be asked: the service said 503 for the 15th time; the runner did not confirm that the build has stopped';
    expect(rig.output()).toMatchObject({ status: 'failed', infrastructure: true, reason });
    expect(await rig.letters()).toEqual([{ id: 'run/r1/gave-up', code: 'runner_unreachable', actorId: 'r1', reason: `${reason} (build b-run-r1)` }]);
    // The letter is there before the end is.
    expect(rig.world.records('run/r1').at(-1)).toMatchObject({ type: 'activity.completed', data: { activity: 'give-up' } });
  });

  it('A7.4 given a status of 502 twice, when the third answers, then the build goes on', async () => {
    const rig = makeRig({ status: ({ call }) => (call === 2 || call === 3 ? badGateway() : call > 4 ? 'succeeded' : 'running') });
    await rig.world.host();
    await rig.trigger();
    expect(await rig.untilEnded()).toMatchObject({ status: 'succeeded' });
    expect([rig.context().failures, rig.backend.count('cancel'), await rig.letters()]).toEqual([0, 0, []]);
  });

  it('A7.4 given a status of 404, when it comes, then the run fails at once with that reason', async () => {
    const rig = makeRig({ status: () => { throw new TerminalError('unknown_build', 'the service said 404'); }, cancel: () => { throw new TerminalError('unknown_build', 'the service said 404'); } });
    await rig.world.host();
    await rig.trigger();
    expect(await rig.untilEnded()).toMatchObject({ status: 'failed', infrastructure: true, reason: 'the runner could not be asked: the service said 404' });
    expect([rig.backend.count('status'), rig.backend.count('cancel')]).toEqual([1, 1]);
  });

  it('A7.4 given 502 for an hour, when the budget is gone, then the run fails as infrastructure, nobody else is blamed, and the build is cancelled', async () => {
    const rig = makeRig({ status: ({ ranMs }) => (ranMs < hour ? badGateway() : 'running') });
    await rig.world.host();
    await rig.trigger('run/r1', { deadlineMs: 3 * hour, cancelGraceMs: 2 * hour });
    expect(await rig.untilEnded(3 * hour)).toMatchObject({ status: 'failed', infrastructure: true, reason: 'the runner could not be asked: the service said 502' });
    expect(rig.backend.running()).toEqual([]);
    expect(await rig.letters()).toMatchObject([{ code: 'runner_unreachable' }]);
  });

  it('A7.5 given a runner that is away, when it is asked again, then by the back-off, however many signals come, and never twice within one', async () => {
    const rig = makeRig({ status: badGateway });
    await rig.world.host();
    await rig.trigger();
    for (let n = 0; n < 60; n++) {
      await rig.world.send('run/r1', 'signal', { n });
      await rig.world.clock.advance(3 * second);
    }
    await rig.world.clock.runUntil(() => rig.world.status('run/r1') === 'stopping', 10 * minute);
    const asked = gaps(rig.backend.times('status').slice(0, 10));
    expect(asked).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * second));
  });

  it('A7.5 given a trigger that fails, when it is repeated, then by the same back-off', async () => {
    const rig = makeRig({ trigger: (call) => (call < 6 ? badGateway() : undefined), status: () => 'succeeded' });
    await rig.world.host();
    await rig.trigger();
    expect(await rig.untilEnded()).toMatchObject({ status: 'succeeded' });
    expect(gaps(rig.backend.times('trigger'))).toEqual([1, 2, 4, 8, 16].map((s) => s * second));
  });
});
