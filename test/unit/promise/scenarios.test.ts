import { describe, expect, it } from 'vitest';
import { contextOf, outputOf } from '../../../src/kernel/status.ts';
import { mill, type MillWorker } from '../../support/promise/mill.ts';
import { fakeUpstream, type FakeUpstream } from '../../support/promise/upstream.ts';
import { seeded } from '../../support/random.ts';

const build = 'run/b1';

function withUpstream() {
  let upstream: FakeUpstream | undefined;
  const made = mill({ upstreams: (world) => [(upstream = fakeUpstream(() => world().clock.now()))] });
  if (upstream === undefined) throw new Error('there is no upstream');
  return { ...made, upstream };
}

const ask = (worker: MillWorker, exitStatus = 1, deadlineMs = 10_000, reason?: string) =>
  worker.desk.ask({ build, exitStatus, ...(reason === undefined ? {} : { reason }) }, deadlineMs);

describe('promises in virtual time', () => {
  it('B7.1 given thousands of callers of several workers that die at random, when they promise one status, then the build hears it once and every survivor is told the truth', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const random = seeded(seed).next;
      const { world, worker, run, all, upstream } = withUpstream();
      const workers = [await worker(), await worker()];
      await run('b1');
      const answers = [];
      for (let call = 0; call < 1000; call++) {
        const at = Math.floor(random() * workers.length);
        if (call % 250 === 17) {
          workers[at]?.crash();
          workers[at] = await worker();
        }
        const chosen = workers[at];
        if (chosen !== undefined) answers.push(ask(chosen, 1, 60_000));
        if (call % 50 === 0) await world.clock.advance(Math.floor(random() * 500));
      }
      const told = await all(answers);
      const survivors = told.filter(({ code }) => code !== 'no_verdict_yet');
      expect(survivors.length).toBeGreaterThan(500);
      expect(survivors.every(({ accepted }) => accepted)).toBe(true);
      expect(told.filter(({ outcome }) => outcome === 'declared').length).toBeLessThanOrEqual(1);
      expect(upstream.taken.size).toBe(1);
      expect(world.types(build).filter((type) => type === 'promise')).toHaveLength(1);
    }
  });

  it('B7.2 given a caller whose worker dies while it declares, when another worker goes on, then those who wait are answered and the upstream is called at most once more', async () => {
    const { world, worker, run, all, upstream } = withUpstream();
    const first = await worker();
    await run('b1');
    upstream.before = async () => { first.crash(); upstream.before = async () => undefined; };
    const lost = ask(first, 1, 1000);
    for (let turn = 0; turn < 50; turn++) await world.clock.settle();
    const second = await worker();
    const waiting = [ask(second, 1, 60_000), ask(second, 1, 60_000)];
    const told = await all(waiting);
    expect(told).toEqual([{ outcome: 'debounced', accepted: true }, { outcome: 'debounced', accepted: true }]);
    expect((await all([lost]))[0]).toMatchObject({ outcome: 'unknown', accepted: false });
    expect(upstream.attempts).toHaveLength(2);
  });

  it('B7.3 given an upstream that is away for a minute and 500 callers with 2 s each, when they call all the while, then each is answered in time and the upstream sees one background attempt', async () => {
    const rates = [];
    for (const callers of [1, 500]) {
      const { world, worker, run, upstream } = withUpstream();
      const only = await worker();
      await run('b1');
      upstream.down = true;
      const answers: Promise<number>[] = [];
      const began = world.clock.now();
      for (let call = 0; call < callers; call++) {
        const asked = world.clock.now();
        answers.push(ask(only, 1, 2000).then((told) => {
          expect(told).toMatchObject({ outcome: 'unknown', accepted: false, code: 'no_verdict_yet' });
          return world.clock.now() - asked;
        }));
        await world.clock.advance(Math.floor(58_000 / callers));
      }
      await world.clock.advance(began + 60_000 - world.clock.now());
      expect(Math.max(...await Promise.all(answers))).toBeLessThanOrEqual(2000);
      rates.push(upstream.attempts.map(({ at }) => at - began));
      upstream.down = false;
      await world.clock.advance(75_000);
      expect(world.status('promise/b1-1')).toBe('completed');
      expect(await ask(only)).toEqual({ outcome: 'debounced', accepted: true });
    }
    const [alone = [], many = []] = rates;
    expect(many.length).toBe(alone.length);
    expect(many.length).toBeLessThanOrEqual(8);
    // Never closer than the back-off's smallest step.
    for (const [index, at] of many.entries()) if (index > 0) expect(at - (many[index - 1] ?? 0)).toBeGreaterThanOrEqual(1500);
  });

  it('B7.3 given an outage, when the worker is restarted in the middle of it, then the schedule of attempts goes on where it was', async () => {
    const schedules = [];
    for (const restarts of [false, true]) {
      const { world, worker, run, upstream } = withUpstream();
      const first = await worker();
      await run('b1');
      upstream.down = true;
      const began = world.clock.now();
      void ask(first, 1, 1000);
      await world.clock.advance(20_000);
      if (restarts) {
        first.crash();
        await world.clock.advance(500);
        await worker();
      } else await world.clock.advance(500);
      await world.clock.advance(200_000);
      schedules.push(upstream.attempts.map(({ at }) => Math.round((at - began) / 1000)));
    }
    expect(schedules[1]).toEqual(schedules[0]);
    expect(schedules[0]?.length).toBeGreaterThan(6);
  });

  it.each([
    ['1 then 2', [1, 2], 1], ['2 first', [2, 1], 2], ['both at once', [1, 2], undefined],
  ] as const)('B7.5 given two statuses, %s, when they are promised, then one wins and the other hears which', async (how, statuses, expected) => {
    const { world, worker, run, all, upstream } = withUpstream();
    const only = await worker();
    await run('b1');
    const answers = [];
    for (const status of statuses) {
      const answer = ask(only, status);
      answers.push(answer);
      if (how !== 'both at once') await all([answer]);
    }
    const told = await all(answers);
    const winner = upstream.taken.get(build)?.exitStatus;
    if (expected !== undefined) expect(winner).toBe(expected);
    for (const [index, status] of statuses.entries()) {
      if (status === winner) expect(told[index]).toEqual({ outcome: 'declared', accepted: true });
      else expect(told[index]).toMatchObject({ outcome: 'declared', accepted: false, code: 'another_status', standing: winner });
    }
    expect((await all([ask(only, statuses.find((status) => status !== winner))]))[0]).toMatchObject({ outcome: 'debounced', accepted: false, standing: winner });
    expect(world.types(build).filter((type) => type === 'promise')).toHaveLength(1);
  });

  it('B7.5 given a first promise that its upstream has not taken yet, when another status is promised, then that one cannot overtake it', async () => {
    const { worker, run, all, upstream } = withUpstream();
    const only = await worker();
    await run('b1');
    upstream.down = true;
    await all([ask(only, 1, 1000)]);
    upstream.down = false;
    expect((await all([ask(only, 2)]))[0]).toMatchObject({ accepted: false, code: 'another_status', standing: 1 });
    expect((await all([ask(only, 1, 60_000)]))[0]).toMatchObject({ accepted: true });
    expect(upstream.attempts.map(({ exitStatus }) => exitStatus)).toEqual([1, 1]);
  });

  it.each([[true, 'accepted'], [false, 'lost']] as const)('B7.6 given a promise that is pending when its build ends, when the upstream comes back within the grace: %s, then it is %s', async (comesBack, verdict) => {
    const { world, worker, run, upstream, all } = withUpstream();
    const only = await worker();
    await run('b1', 'accepted running running running succeeded');
    upstream.down = true;
    await all([ask(only, 7, 500)]);
    await world.clock.runUntil(() => world.ended(build));
    await world.clock.runUntil(() => (contextOf(world.state('promise/b1-7')) as { readonly over: boolean }).over);
    if (comesBack) upstream.down = false;
    const noticed = world.clock.now();
    await world.clock.runUntil(() => world.ended('promise/b1-7'), 60_000);
    expect(world.clock.now() - noticed).toBeLessThanOrEqual(30_000);
    expect(outputOf(world.state('promise/b1-7'))).toMatchObject({ verdict });
    const told = (await all([ask(only, 7)]))[0];
    if (comesBack) expect(told).toEqual({ outcome: 'debounced', accepted: true });
    else expect(told).toMatchObject({ accepted: false, code: 'promise_lost', message: expect.stringContaining('answered with 503') });
    expect(outputOf(world.state(build))).toMatchObject({ status: 'failed', exitStatus: 7 });
  });

  it('B7.6 given a promise that has failed for long, when its build ends, then its grace begins within seconds and not at the next attempt', async () => {
    const { world, worker, run, upstream, all } = withUpstream();
    const only = await worker();
    await run('b1');
    upstream.down = true;
    await all([ask(only, 7, 500)]);
    await world.clock.runUntil(() => upstream.attempts.length === 9, 600_000);
    await world.clock.advance(1_000);
    await world.send(build, 'cancel');
    await world.clock.runUntil(() => world.ended(build), 600_000);
    const ended = world.clock.now();
    await world.clock.runUntil(() => upstream.attempts.length === 10, 600_000);
    expect(world.clock.now() - ended).toBeLessThan(6_000);
    await world.clock.runUntil(() => world.ended('promise/b1-7'), 600_000);
    expect(world.clock.now() - ended).toBeLessThan(36_000);
    expect(outputOf(world.state('promise/b1-7'))).toMatchObject({ verdict: 'lost' });
  });

  it('B7.9 given a promise that was taken, when every worker is restarted, then it is remembered, and neither a reason nor an attempt is added', async () => {
    const { world, worker, run, all, upstream } = withUpstream();
    const first = await worker();
    await run('b1');
    await all([ask(first, 1, 10_000, 'the first reason')]);
    first.crash();
    await world.clock.advance(10_000);
    const second = await worker();
    expect(await all([ask(second, 1, 60_000, 'another reason'), ask(second, 1, 60_000)])).toEqual([{ outcome: 'debounced', accepted: true }, { outcome: 'debounced', accepted: true }]);
    expect(upstream.attempts.map(({ reason }) => reason)).toEqual(['the first reason']);
  });

  it('B7.10 given secrets in a reason, when it is promised, then neither the logs, nor the upstream, nor the board ever see them', async () => {
    const { world, worker, run, all, upstream } = withUpstream();
    const only = await worker();
    await run('b1');
    const secrets = ['hunter2hunter2', 'ghp_0123456789abcdefghijABCDEFGHIJ', 'AKIAIOSFODNN7EXAMPLE'];
    await all([ask(only, 1, 10_000, `login with password=${secrets[0]} and ${secrets[1]}, key ${secrets[2]} failed`)]);
    const everything = JSON.stringify([world.records(build), world.records('promise/b1-1'), upstream.attempts, await world.board.list()]);
    for (const secret of secrets) expect(everything).not.toContain(secret);
    expect(upstream.attempts[0]?.reason).toBe('login with password=[redacted] and [redacted], key [redacted] failed');
  });

  it('given a build that is over or was never there, when a failure of it is promised, then the refusal says so', async () => {
    const { world, worker, run, all } = withUpstream();
    const only = await worker();
    await run('b1', 'succeeded');
    await world.clock.runUntil(() => world.ended(build));
    expect((await all([ask(only)]))[0]).toMatchObject({ accepted: false, code: 'not_running' });
    expect((await all([only.desk.ask({ build: 'run/nobody', exitStatus: 1 }, 10_000)]))[0]).toMatchObject({ accepted: false, code: 'unknown_build' });
  });

  it('given an upstream whose answer is lost, when it is tried again, then it took the promise once and the caller hears yes', async () => {
    const { worker, run, all, upstream } = withUpstream();
    const only = await worker();
    await run('b1');
    upstream.losing = 1;
    expect((await all([ask(only)]))[0]).toEqual({ outcome: 'declared', accepted: true });
    expect(upstream.attempts).toHaveLength(2);
  });
});
