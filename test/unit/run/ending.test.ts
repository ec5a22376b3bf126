import { describe, expect, it } from 'vitest';
import { freeze } from '../../../src/kernel/freeze.ts';
import { fold } from '../../../src/kernel/replay.ts';
import { definition, httpError, RunPlay, triggered } from './support/play.ts';

describe('triggering', () => {
  it('given a runner that is away, when triggering fails, then it is repeated with back-off until the build is known', () => {
    const play = new RunPlay();
    expect([play.status, play.value]).toEqual(['running', { triggering: 'calling' }]);
    play.fail('trigger');
    expect(play.wait()).toBe(1000);
    play.fail('trigger');
    expect(play.wait()).toBe(2000);
    play.restart().done('trigger', { buildId: 'b7', pausable: false });
    expect(play.value).toEqual({ polling: 'waiting' });
    play.poll('succeeded');
    expect(play.output.buildId).toBe('b7');
  });

  it('given a request that can never run, when the runner refuses it, then the run fails at once and the request is to blame', () => {
    const play = new RunPlay();
    play.fail('trigger', { ...httpError('nothing_to_run', false), hint: 'put a command into the metadata' });
    expect(play.output).toMatchObject({ status: 'failed', infrastructure: false, metadata: { errorCode: 'nothing_to_run' }, hint: 'put a command into the metadata' });
    expect(play.output.reason).toContain('the service said nothing_to_run');
  });

  it('given a runner that refuses us, or never answers, when triggering is given up, then it is infrastructure', () => {
    const refused = new RunPlay();
    refused.fail('trigger', httpError('http_401', false)).done('give-up');
    expect(refused.output).toMatchObject({ status: 'failed', infrastructure: true });
    const away = new RunPlay();
    for (let failure = 0; failure < 9; failure++) {
      away.fail('trigger');
      away.wait();
    }
    away.fail('trigger').done('give-up');
    expect(away.output).toMatchObject({ status: 'failed', infrastructure: true });
    expect(away.count('trigger')).toBe(10);
  });

  it('given a cancel while triggering, when the build becomes known, then it is cancelled: none is left unwatched', () => {
    const play = new RunPlay();
    expect(play.send('cancel', { reason: 'superseded' })).toBe(true);
    expect(play.running).toEqual(['trigger']);
    play.fail('trigger');
    play.wait();
    play.restart().done('trigger', { buildId: 'b1', pausable: false });
    expect(play.running).toEqual(['cancel']);
    play.done('cancel');
    play.poll('cancelled', { exitCode: '143' });
    expect(play.output).toEqual({ status: 'cancelled', buildId: 'b1', metadata: { exitCode: '143' }, reason: 'superseded', infrastructure: false, exitStatus: 143 });
    expect(play.status).toBe('cancelled');
  });

  it('given a cancel while triggering, when the request is refused for good, then the run ends cancelled', () => {
    const play = new RunPlay();
    play.send('cancel');
    play.fail('trigger', httpError('nothing_to_run', false));
    expect(play.output).toMatchObject({ status: 'cancelled', infrastructure: false });
  });
});

describe('cancelling', () => {
  it('given a check on its way, when cancel comes, then the check is let go and the runner is asked to stop', () => {
    const play = triggered();
    play.wait();
    play.send('cancel');
    expect([play.running, play.status]).toEqual([['cancel'], 'stopping']);
  });

  it('given a second cancel, when the first is on its way, then it is answered as the first and changes nothing', () => {
    const play = triggered();
    play.send('cancel', { reason: 'first' });
    expect(play.send('cancel', { reason: 'second' })).toBe(false);
    expect(play.context.requests).toMatchObject([{ command: 'cancel', reason: 'first', state: 'pending' }]);
    play.done('cancel');
    play.poll('cancelled');
    expect(play.output.reason).toBe('first');
    expect(play.count('cancel')).toBe(1);
  });

  it('given a build that had succeeded before the cancel reached it, when it is polled, then it is succeeded, never both', () => {
    const play = triggered();
    play.send('cancel');
    play.done('cancel');
    play.poll('succeeded', { artifact: 'abc' });
    expect(play.output).toMatchObject({ status: 'succeeded', metadata: { artifact: 'abc' } });
  });

  it('given a build that the stop made fail, when it is polled, then it is cancelled and nobody is blamed', () => {
    const play = triggered();
    play.send('cancel', { reason: 'enough' });
    play.done('cancel');
    play.poll('failed', { reason: 'exit_code' });
    expect(play.output).toMatchObject({ status: 'cancelled', reason: 'enough', infrastructure: false });
  });

  it('given a runner that cannot take the cancel, when it is repeated, then with back-off and five times at most', () => {
    const play = triggered({ cancelGraceMs: 7_200_000, deadlineMs: 10_800_000 });
    play.send('cancel');
    const waits: number[] = [];
    for (let failure = 0; failure < 4; failure++) {
      play.fail('cancel');
      waits.push(play.wait());
    }
    play.fail('cancel');
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
    for (let poll = 0; poll < 200; poll++) {
      play.wait();
      if (play.running.length > 0) play.done('last-status', { status: 'running', metadata: {} });
    }
    expect(play.count('cancel')).toBe(5);
  });

  it('given a cancel that was taken and got lost, when the build runs on, then it is sent again, ever more rarely', () => {
    const play = triggered({ cancelGraceMs: 7_200_000, deadlineMs: 10_800_000 });
    play.send('cancel');
    const start = play.now;
    for (let step = 0; step < 1200; step++) {
      const [running] = play.running;
      if (running === 'cancel') play.done('cancel');
      else if (running !== undefined) play.done(running, { status: 'running', metadata: {} });
      else play.wait();
    }
    const asked = play.calls.filter(({ activity }) => activity === 'cancel').map(({ at }) => at - start);
    expect(asked).toEqual([0, 30_000, 90_000, 210_000, 450_000]);
  });

  it('given a build that never stops, when its grace is over, then the run fails and says that the stop is not confirmed', () => {
    const play = triggered({ cancelGraceMs: 60_000 });
    play.send('cancel', { reason: 'enough' });
    play.done('cancel');
    while (play.status === 'stopping') {
      if (play.running.length > 0) play.done(play.running[0] ?? '', { status: 'running', metadata: {} });
      else play.wait();
    }
    expect(play.output).toMatchObject({ status: 'failed', infrastructure: true });
    expect(play.output.reason).toBe('enough; the runner did not confirm that the build has stopped');
    expect(play.state.timers).toEqual({});
  });

  it('given a runner that forgot the build, when it is asked to cancel, then there is nothing left to stop', () => {
    const play = triggered();
    play.send('cancel');
    play.fail('cancel', httpError('unknown_build', false));
    expect(play.output.status).toBe('cancelled');
  });
});

describe('the deadline', () => {
  const runUntilDeadline = (play: RunPlay): RunPlay => {
    while (play.status === 'running') {
      play.wait();
      if (play.running[0] === 'status') play.restart().done('status', { status: 'running', metadata: {} });
    }
    return play;
  };

  it('given a build that hangs, when the deadline passes, restarts or not, then it is cancelled and failed for that reason', () => {
    const play = triggered({ deadlineMs: 60_000 });
    const created = play.now;
    runUntilDeadline(play);
    expect(play.now - created).toBe(60_000);
    expect([play.running, play.status]).toEqual([['cancel'], 'stopping']);
    play.done('cancel');
    play.poll('cancelled');
    expect(play.output).toMatchObject({ status: 'failed', reason: 'the deadline of 60000 ms has passed', infrastructure: false });
  });

  it('given a build that was never begun, when the deadline passes, then it is the runner, not the build', () => {
    const play = triggered({ deadlineMs: 20_000 });
    while (play.status === 'running') {
      play.wait();
      if (play.running[0] === 'status') play.done('status', { status: 'accepted', metadata: {} });
    }
    play.done('cancel');
    play.poll('cancelled');
    expect(play.output).toMatchObject({ status: 'failed', infrastructure: true });
  });

  it('given a trigger on its way, when the deadline passes, then the build is cancelled as soon as it is known', () => {
    const play = new RunPlay({ deadlineMs: 5000 });
    play.wait();
    expect(play.running).toEqual(['trigger']);
    play.done('trigger', { buildId: 'b1', pausable: false });
    expect(play.running).toEqual(['cancel']);
  });
});

describe('the log of a run', () => {
  it('given a log, when it is folded again from the start, or went through snapshots, then it is the same state', () => {
    const play = triggered().restart();
    play.poll('running');
    play.restart().send('cancel');
    expect(freeze(fold(definition, play.records).state)).toEqual(freeze(play.restart().state));
  });
});
