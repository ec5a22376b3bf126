import { describe, expect, it } from 'vitest';
import { atOnce } from '../../../src/runtime/at-once.ts';
import { watching } from '../../../src/machines/run/watch.ts';
import { RetryableError } from '../../../src/kernel/errors.ts';
import { virtualClock } from '../../support/fake/clock.ts';
import { makeRig, minute } from './support/rig.ts';

const short = { poll: { acceptedMs: 200, runningMs: 200 } };
const gaps = (times: readonly number[]): number[] => times.slice(1).map((at, n) => at - (times[n] ?? 0));

describe('a check', () => {
  it('given a short cadence and no news, when a check has gone on for its time, then the next one is a scheduled message, and no interval differs', async () => {
    const { world, backend, trigger } = makeRig();
    await world.host();
    await trigger('run/r1', short);
    await world.clock.advance(minute);
    const polls = backend.times('status');
    expect(polls.length).toBeGreaterThanOrEqual(299);
    expect(new Set(gaps(polls))).toEqual(new Set([200]));
    expect(backend.mostOpen()).toBe(1);
    // Created, triggered, the first answer, and two records for each check of 5.2 s.
    expect(world.records('run/r1').length).toBeLessThan(30);
    expect(await world.dead.list()).toEqual([]);
  });

  it('given calls that take longer than the rest of the cadence, when it watches, then the cadence is kept from call to call', async () => {
    const { world, backend, trigger } = makeRig({ statusTakesMs: 150 });
    await world.host();
    await trigger('run/r1', short);
    await world.clock.advance(20_000);
    expect(gaps(backend.times('status')).filter((gap) => gap === 200).length).toBeGreaterThan(80);
  });

  it('given a cadence of a second, when the runner is polled, then every call is a check of its own', async () => {
    const { world, backend, trigger } = makeRig();
    await world.host();
    await trigger('run/r1', { poll: { acceptedMs: 1000, runningMs: 1000 } });
    await world.clock.advance(20_000);
    const count = (type: string): number => world.types('run/r1').filter((each) => each === type).length;
    expect(backend.count('status')).toBe(20);
    // Beside them there is only the end of the trigger.
    expect(count('activity.completed')).toBe(21);
    expect(count('timer.fired')).toBe(20);
  });

  it('given a watch of no time, when it is asked for, then a short cadence is one call a check as well', async () => {
    const { world, backend, trigger } = makeRig();
    await world.host();
    await trigger('run/r1', { poll: { acceptedMs: 200, runningMs: 200, watchMs: 0 } });
    await world.clock.advance(2000);
    expect(world.types('run/r1').filter((each) => each === 'timer.fired')).toHaveLength(backend.count('status'));
  });

  it('given no news, when the build begins or ends in the middle of a watch, then it is recorded at once', async () => {
    const { world, trigger, untilEnded } = makeRig({ status: ({ call }) => (call > 12 ? 'succeeded' : call > 5 ? 'running' : 'accepted') });
    await world.host();
    await trigger('run/r1', short);
    const started = world.clock.now();
    await world.clock.runUntil(() => world.ended('run/r1'));
    expect(world.clock.now() - started).toBe(13 * 200);
    expect((await untilEnded()).status).toBe('succeeded');
    // The trigger, the news that it runs, and its end.
    expect(world.types('run/r1').filter((type) => type === 'activity.completed')).toHaveLength(3);
  });

  it('given a failure after successes of the same watch, when it is counted, then it is the first', async () => {
    const { world, backend, context, trigger } = makeRig({
      status: ({ call }) => {
        if (call === 3 || call === 4 || call === 6) throw new RetryableError('http_502', 'bad gateway');
        return 'running';
      },
    });
    await world.host();
    await trigger('run/r1', short);
    await world.clock.runUntil(() => backend.count('status') === 4);
    await world.clock.advance(10);
    expect(context()).toMatchObject({ failures: 2, lastError: { code: 'http_502' } });
    await world.clock.runUntil(() => backend.count('status') === 6);
    await world.clock.advance(10);
    // The fifth call succeeded, and one call is one check after a failure, so the log knows it.
    expect(context().failures).toBe(1);
  });
});

describe('a watch that is interrupted', () => {
  const watched = async () => {
    const rig = makeRig();
    await rig.world.host();
    await rig.trigger('run/r1', { poll: { acceptedMs: 900, runningMs: 900 } });
    await rig.world.clock.advance(2500);
    expect(rig.value()).toEqual({ polling: 'checking' });
    return rig;
  };

  it('given it waits between two calls, when a signal comes, then the runner is asked at once, by the same one chain', async () => {
    const { world, backend, value } = await watched();
    const [before, now] = [backend.count('status'), world.clock.now()];
    await world.send('run/r1', 'signal');
    await world.clock.settle();
    expect(backend.times('status').slice(before)).toEqual([now]);
    await world.clock.advance(899);
    expect(backend.count('status')).toBe(before + 1);
    expect(value()).toEqual({ polling: 'checking' });
    expect(backend.mostOpen()).toBe(1);
    await world.clock.advance(1);
    expect(backend.count('status')).toBe(before + 2);
  });

  it('given a call is on its way, when signals come, then it is awaited and one call follows it at once', async () => {
    const { world, backend, trigger } = makeRig({ statusTakesMs: 300 });
    await world.host();
    await trigger('run/r1', { poll: { acceptedMs: 900, runningMs: 900 } });
    await world.clock.advance(1000);
    expect(backend.count('status')).toBe(1);
    for (let n = 0; n < 4; n++) await world.send('run/r1', 'signal', { n });
    await world.clock.advance(250);
    expect(backend.count('status')).toBe(2);
    expect(gaps(backend.times('status'))).toEqual([300]);
    await world.clock.advance(300);
    expect([backend.count('status'), backend.mostOpen()]).toEqual([2, 1]);
  });

  it('given its worker dies after a signal, when the next one goes on, then nothing failed and the runner is asked', async () => {
    const rig = makeRig();
    const { crash } = await rig.world.host();
    await rig.trigger('run/r1', { poll: { acceptedMs: 900, runningMs: 900 } });
    await rig.world.clock.advance(2500);
    // The record of the signal is stored, and its worker dies before the check can end.
    const append = rig.world.log.records('run/r1').length;
    await rig.world.send('run/r1', 'signal');
    while (rig.world.records('run/r1').length === append) await Promise.resolve();
    crash();
    await rig.world.host();
    await rig.world.clock.advance(10_000);
    expect(rig.context()).toMatchObject({ failures: 0, lastError: null, signalled: false });
    expect(rig.backend.mostOpen()).toBe(1);
  });

  it.each(['cancel', 'stop'])('given it waits between two calls, when %s comes, then it is done at once', async (command) => {
    const { world, backend, trigger } = makeRig({}, { pausable: true });
    await world.host();
    await trigger('run/r1', { poll: { acceptedMs: 900, runningMs: 900 } });
    await world.clock.advance(2500);
    const now = world.clock.now();
    await world.send('run/r1', command);
    await world.clock.settle();
    expect(backend.times(command)).toEqual([now]);
    const polls = backend.count('status');
    await world.clock.advance(100);
    expect(backend.count('status')).toBe(polls);
  });

  it('given a worker that stops in order, when it is asked, then it does not wait for the watch and the next worker goes on', async () => {
    const { world, backend, trigger } = makeRig();
    const { host } = await world.host();
    await trigger('run/r1', { poll: { acceptedMs: 900, runningMs: 900 } });
    await world.clock.advance(2500);
    const [before, polls] = [world.clock.now(), backend.count('status')];
    let stopped = false;
    void host.stop().then(() => { stopped = true; });
    await world.clock.runUntil(() => stopped);
    expect(world.clock.now() - before).toBeLessThan(100);
    await world.host();
    await world.clock.advance(2000);
    expect(backend.count('status')).toBeGreaterThan(polls);
    expect(backend.mostOpen()).toBe(1);
  });
});

describe('a watch and the places of a worker', () => {
  it('given a worker of two places, when fifty runs watch, then each is polled at its cadence', async () => {
    const rig = makeRig();
    await rig.world.host({ definitions: atOnce([rig.definition], 2) });
    for (let n = 0; n < 50; n++) await rig.trigger(`run/r${n}`, short);
    await rig.world.clock.advance(10_000);
    for (let n = 0; n < 50; n++) expect(rig.backend.count('status', `b-run-r${n}`)).toBeGreaterThan(45);
    expect(rig.backend.mostOpen()).toBe(1);
  });

  it('given what a watch asks with, when it is interrupted, then it ends with the last answer', async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const wait = (ms: number): Promise<void> => new Promise((resolve, reject) => {
      clock.after(ms, resolve);
      controller.signal.addEventListener('abort', () => { reject(new Error('aborted')); });
    });
    let asked = 0;
    const watch = watching({ now: clock.now, wait, signal: controller.signal }, { everyMs: 100, forMs: 1000 }, () => Promise.resolve(++asked), () => false);
    await clock.advance(250);
    controller.abort();
    await expect(watch).resolves.toBe(3);
  });
});
