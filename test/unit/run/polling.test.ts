import { describe, expect, it } from 'vitest';
import { contextOf } from '../../../src/kernel/status.ts';
import { httpError, RunPlay, triggered } from './support/play.ts';

describe('polling a build', () => {
  it('given a build that runs for 500 polls, when it succeeds, then there was one poll chain at its cadence and no failure', () => {
    const play = triggered();
    expect(play.poll('accepted')).toBe(5000);
    expect(play.poll('running')).toBe(5000);
    for (let poll = 0; poll < 499; poll++) {
      expect(Object.keys(play.state.timers)).toHaveLength(2); // the next poll and the deadline
      expect(play.poll('running')).toBe(2000);
    }
    play.poll('succeeded', { artifact: 'abc' });
    expect(play.output).toEqual({ status: 'succeeded', buildId: 'b1', metadata: { artifact: 'abc' }, infrastructure: false });
    expect(play.status).toBe('completed');
    expect(play.count('status')).toBe(502);
    expect(play.count('trigger')).toBe(1);
    expect(play.state.timers).toEqual({});
  });

  it('given a runner on this machine, when nothing else was asked for, then it is polled in short steps, and as asked otherwise', () => {
    expect(triggered({ runner: 'process' }).poll('running')).toBe(500);
    expect(triggered({ runner: 'noop' }).poll('running')).toBe(100);
    expect(triggered({ runner: 'process', poll: { acceptedMs: 70 } }).poll('running')).toBe(70);
  });

  it('given a build in progress, when people look, then it is running while it waits for the next poll', () => {
    const play = triggered();
    expect([play.status, play.value]).toEqual(['running', { polling: 'waiting' }]);
    play.wait();
    expect([play.status, play.value]).toEqual(['running', { polling: 'checking' }]);
  });

  it('given a status nobody can read yet, when it is unknown, then the poll goes on', () => {
    const play = triggered();
    play.poll('unknown');
    expect(play.value).toEqual({ polling: 'waiting' });
  });

  it('given an ended run, when a stale poll or a signal comes, then its status stays as written', () => {
    const play = triggered();
    play.wait();
    const stale = play.state;
    play.done('status', { status: 'succeeded', metadata: {} });
    expect(stale.activities).not.toEqual(play.state.activities);
    expect(() => play.done('status', { status: 'running', metadata: {} })).toThrow('not running');
    expect(play.send('signal')).toBe(false);
    expect(play.send('cancel')).toBe(false);
    expect(play.output.status).toBe('succeeded');
  });

  it('given a failed build, when its reason is known, then the run fails with it, and says when the build is not to blame', () => {
    const blamed = triggered();
    blamed.poll('failed', { reason: 'exit_code', detail: 'the command ended with exit code 3', exitCode: '3', failedSide: 'head' });
    expect(blamed.output).toMatchObject({ status: 'failed', reason: 'the command ended with exit code 3', infrastructure: false, metadata: { exitCode: '3' } });
    expect(blamed.status).toBe('failed');
    const lost = triggered();
    lost.poll('failed', { reason: 'lost', infrastructure: 'true' });
    expect(lost.output).toMatchObject({ status: 'failed', reason: 'lost', infrastructure: true });
  });

  it('given a build somebody cancelled at the runner, when it is polled, then the run ends cancelled and says that it was not us', () => {
    const play = triggered();
    play.poll('cancelled');
    expect(play.output).toMatchObject({ status: 'cancelled', reason: 'cancelled at the runner, not by Millrace' });
    expect(play.count('cancel')).toBe(0);
  });
});

describe('a webhook', () => {
  it('given a waiting run, when it signals, then the runner is asked at once', () => {
    const play = triggered();
    expect(play.send('signal')).toBe(true);
    expect(play.running).toEqual(['status']);
    play.done('status', { status: 'running', metadata: {} });
    expect(play.value).toEqual({ polling: 'waiting' });
    expect(play.wait()).toBe(2000);
  });

  it('given a check on its way, when signals come twice, then one more check follows it and the end is recorded once', () => {
    const play = triggered();
    play.wait();
    play.send('signal');
    play.send('signal');
    expect(play.count('status')).toBe(1);
    play.done('status', { status: 'running', metadata: {} });
    expect(play.count('status')).toBe(2);
    play.done('status', { status: 'succeeded', metadata: {} });
    expect(play.count('status')).toBe(2);
    expect(play.output.status).toBe('succeeded');
  });

  it('given a runner that is away, when signals pour in, then it is still asked no more than once per back-off', () => {
    const play = triggered();
    play.wait();
    play.fail('status');
    for (let n = 0; n < 5; n++) play.send('signal');
    expect(play.count('status')).toBe(1);
    expect(play.wait()).toBe(1000);
    expect(play.count('status')).toBe(2);
  });

  it('given a run still being triggered, when it signals, then the first check does not wait', () => {
    const play = new RunPlay();
    play.send('signal');
    play.done('trigger', { buildId: 'b1', pausable: false });
    expect(play.running).toEqual(['status']);
  });
});

describe('a runner that cannot be asked', () => {
  it('given two failures, when the third answers, then the build goes on and the count starts anew', () => {
    const play = triggered();
    play.wait();
    play.fail('status');
    expect(play.wait()).toBe(1000);
    play.fail('status');
    expect(play.wait()).toBe(2000);
    play.done('status', { status: 'running', metadata: {} });
    expect(play.wait()).toBe(2000);
    play.fail('status');
    expect(play.wait()).toBe(1000);
  });

  it('given failures without end, when ten came in a row, then the build is cancelled and nobody is blamed but the runner', () => {
    const play = triggered();
    play.wait();
    const waits: number[] = [];
    for (let failure = 0; failure < 9; failure++) {
      play.fail('status');
      waits.push(play.wait());
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    play.fail('status');
    expect([play.running, play.status]).toEqual([['cancel'], 'stopping']);
    play.done('cancel');
    play.poll('cancelled');
    play.done('give-up');
    expect(play.output).toMatchObject({ status: 'failed', infrastructure: true, buildId: 'b1' });
    expect(play.output.reason).toBe('the runner could not be asked: the service said http_502');
  });

  it('given a terminal error, when the runner says it has no such build, then the run fails with that reason after one cancel', () => {
    const play = triggered();
    play.wait();
    play.fail('status', httpError('unknown_build', false));
    expect(play.running).toEqual(['cancel']);
    play.fail('cancel', httpError('unknown_build', false)).done('give-up');
    expect(play.output).toMatchObject({ status: 'failed', infrastructure: true, reason: 'the runner could not be asked: the service said unknown_build' });
    expect(play.count('cancel')).toBe(1);
  });

  it('given a runner that wants to be left alone for ten minutes, when it is asked again, then not before that, and then at its cadence; a wish for a year is not granted', () => {
    const play = triggered();
    play.wait();
    play.fail('status', { ...httpError('rate_limited', true), retryAfterMs: 600_000 });
    expect(play.poll('accepted')).toBe(600_000);
    expect(play.poll('running')).toBe(5000);
    play.wait();
    play.fail('status', { ...httpError('rate_limited', true), retryAfterMs: 365 * 24 * 3_600_000 });
    const start = play.now;
    while (play.running.length === 0 && play.value !== 'ended') play.wait();
    expect(play.now - start).toBeLessThanOrEqual(3_600_000);
  });

  it('given a backend that says where its page is, when the build still runs, then the run knows the page', () => {
    const play = triggered();
    play.poll('running', { url: 'https://ci.example/7' });
    play.poll('running');
    expect(contextOf(play.state)).toMatchObject({ url: 'https://ci.example/7', status: 'running' });
  });
});
