import { describe, expect, it } from 'vitest';
import { hour, makeRig, minute, second } from './support/rig.ts';
import { away, running } from './support/running.ts';

describe('stopping', () => {
  it('given a build that runs, when it is stopped and started, then it is frozen and goes on where it was', async () => {
    const { world, backend, ask, value, context, untilEnded } = await running({ status: ({ ranMs }) => (ranMs > minute ? 'succeeded' : 'running') });
    expect(await ask('stop')).toMatchObject({ accepted: true });
    expect([world.status('run/r1'), value()]).toEqual(['stopped', { stopped: 'waiting' }]);
    await world.clock.advance(10 * minute);
    expect([world.status('run/r1'), backend.count('stop')]).toEqual(['stopped', 1]);
    expect(await ask('start')).toMatchObject({ accepted: true });
    expect([world.status('run/r1'), context().generation, value()]).toEqual(['running', 2, { polling: 'waiting' }]);
    expect(await untilEnded()).toMatchObject({ status: 'succeeded' });
    expect([backend.count('start'), backend.count('cancel')]).toEqual([1, 0]);
  });

  it('given a runner that cannot pause, when stop comes, then it is refused in words that name cancel, and is not offered', async () => {
    const rig = makeRig();
    await rig.world.host();
    await rig.trigger();
    await rig.world.clock.advance(second);
    const answer = await rig.ask('stop');
    expect(answer).toMatchObject({ accepted: false, code: 'cannot_pause', reason: 'the runner "fake" cannot stop a build and start it again; `cancel` ends it' });
    expect(answer?.allowed).toEqual(['cancel', 'promise', 'signal']);
    expect(rig.value()).toEqual({ polling: 'waiting' });
  });

  it('given commands that do not fit, when they come, then each is refused and told why', async () => {
    const { world, ask, trigger } = makeRig({ cancelTakesMs: minute }, { pausable: true });
    await world.host();
    await trigger();
    await world.clock.advance(second);
    expect(await ask('start')).toMatchObject({ code: 'not_stopped' });
    await ask('stop');
    expect(await ask('stop')).toMatchObject({ code: 'already_stopped' });
    await ask('cancel');
    expect(await ask('stop')).toMatchObject({ code: 'being_cancelled' });
    expect(await ask('start')).toMatchObject({ code: 'being_cancelled' });
    await world.clock.runUntil(() => world.ended('run/r1'));
    expect(await ask('start')).toMatchObject({ code: 'actor_ended' });
  });

  it.each([true, false])('given a trigger that is not answered yet, when stop comes, then it waits, and is done or has failed once the build is known (pausable: %s)', async (pausable) => {
    const { world, backend, ask, trigger, context } = makeRig({ trigger: (call) => { if (call < 4) away(); } }, { pausable });
    await world.host();
    await trigger();
    await world.clock.advance(5 * second);
    expect(await ask('stop')).toMatchObject({ accepted: true, request: { state: 'pending' } });
    await world.clock.advance(minute);
    if (pausable) expect([world.status('run/r1'), context().requests]).toMatchObject(['stopped', [{ state: 'completed' }]]);
    else expect([world.status('run/r1'), context().requests]).toMatchObject(['running', [{ state: 'failed', code: 'cannot_pause' }]]);
    expect(backend.count('stop')).toBe(pausable ? 1 : 0);
  });

  it('given a stop that waits for the build to be known, when start comes, then the build is not stopped at all', async () => {
    const { world, backend, ask, trigger, context } = makeRig({ trigger: (call) => { if (call < 4) away(); } }, { pausable: true });
    await world.host();
    await trigger();
    await world.clock.advance(5 * second);
    await ask('stop');
    expect(await ask('start')).toMatchObject({ accepted: true });
    await world.clock.advance(minute);
    expect([world.status('run/r1'), backend.count('stop'), context().requests]).toMatchObject(['running', 0, [{ state: 'failed', code: 'overtaken_by_start' }, { command: 'start', state: 'completed' }]]);
  });

  it('given a runner that is away, when it is asked to stop, then it is asked again with back-off, and the build runs on when it cannot be', async () => {
    const { world, backend, ask, value, context } = await running({ stop: away });
    await ask('stop');
    expect(world.status('run/r1')).toBe('stopping');
    await world.clock.runUntil(() => world.status('run/r1') === 'running', hour);
    expect(backend.times('stop').slice(1).map((at, n) => at - (backend.times('stop')[n] ?? 0))).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * second));
    expect(context().lastError).toMatchObject({ code: 'http_503', message: 'the build could not be stopped: the service said 503' });
    await world.clock.advance(10 * second);
    expect(value()).toHaveProperty('polling');
    expect(backend.count('stop')).toBe(10);
  });

  it('given a build that ended as it was being stopped, when the stop is done, then the run ends as the build did', async () => {
    const rig = await running({ stopTakesMs: 500 });
    await rig.world.send('run/r1', 'stop');
    await rig.world.clock.advance(100);
    rig.backend.meddle('run/r1', { final: 'failed' });
    expect(await rig.untilEnded()).toMatchObject({ status: 'failed' });
    // In the record in which the stop was done.
    expect(rig.world.types('run/r1').slice(-2)).toEqual(['stop', 'activity.completed']);
  });

  it('given start comes while the build is being stopped, when the stop is done, then it is started, and not before', async () => {
    const rig = await running({ stopTakesMs: 2 * second });
    await rig.ask('stop');
    expect(await rig.ask('start')).toMatchObject({ accepted: true });
    expect(await rig.ask('start')).toMatchObject({ accepted: true, duplicate: true, request: { command: 'start', state: 'pending' } });
    await rig.world.clock.advance(5 * second);
    expect(rig.value()).toHaveProperty('polling');
    expect((rig.backend.times('start')[0] ?? 0) - (rig.backend.times('stop')[0] ?? 0)).toBe(2 * second);
  });

  it('given start and then stop while the build is being stopped, when the stop is done, then it stays stopped', async () => {
    const rig = await running({ stopTakesMs: 2 * second });
    for (const command of ['stop', 'start', 'stop']) expect(await rig.ask(command)).toMatchObject({ accepted: true });
    await rig.world.clock.advance(minute);
    expect([rig.world.status('run/r1'), rig.backend.count('start')]).toEqual(['stopped', 0]);
  });

  it('given a build that is stopped, when its worker dies and another looks after it, then nothing is asked of the runner but how it is', async () => {
    const { world, backend, ask, crash } = await running();
    await ask('stop');
    crash();
    await world.host();
    await world.clock.advance(5 * minute);
    expect([world.status('run/r1'), backend.count('stop'), backend.count('start'), backend.count('trigger')]).toEqual(['stopped', 1, 0, 1]);
  });
});

describe('a stopped build', () => {
  it('given somebody cancels it at the runner, when it is looked at, then the run ends cancelled and says that it was not us', async () => {
    const { backend, ask, untilEnded } = await running();
    await ask('stop');
    backend.meddle('run/r1', { final: 'cancelled' });
    expect(await untilEnded(2 * minute)).toMatchObject({ status: 'cancelled', reason: 'cancelled at the runner, not by Millrace' });
  });

  it('given somebody starts it at the runner, when it is looked at, then it is polled again, its time runs, and the run says so', async () => {
    const { world, backend, ask, value, context } = await running();
    await ask('stop');
    backend.meddle('run/r1', { frozen: false, generation: 2 });
    await world.clock.advance(31 * second);
    expect(value()).toHaveProperty('polling');
    expect(context()).toMatchObject({ generation: 2, leftMs: null, lastError: { code: 'started_elsewhere' } });
  });

  it('given a runner that is away, when it is looked at, then the run waits for it as long as it takes', async () => {
    const rig = await running();
    const { progress } = rig.backend.pausable;
    await rig.ask('stop');
    Object.assign(rig.backend.pausable, { progress: away });
    await rig.world.clock.advance(3 * hour);
    expect(rig.world.status('run/r1')).toBe('stopped');
    expect(rig.context()).toMatchObject({ lastError: { code: 'http_503' } });
    Object.assign(rig.backend.pausable, { progress });
    await rig.world.clock.advance(2 * minute);
    expect(rig.context().failures).toBe(0);
  });

  it('given it is cancelled, when the runner is asked, then the frozen build ends for certain', async () => {
    const { backend, ask, untilEnded } = await running({ cancel: (call) => { if (call < 3) away(); }, cancelTakesMs: 20 * second });
    await ask('stop');
    await ask('cancel', { reason: 'enough' });
    expect(await untilEnded()).toMatchObject({ status: 'cancelled', reason: 'enough' });
    expect([backend.count('cancel'), backend.running()]).toEqual([3, []]);
  });

  it('given the runner forgot it, when it is looked at, then the run fails as infrastructure', async () => {
    const { backend, ask, untilEnded, letters } = await running();
    await ask('stop');
    backend.builds.clear();
    expect(await untilEnded()).toMatchObject({ status: 'failed', infrastructure: true });
    expect(await letters()).toMatchObject([{ code: 'runner_unreachable' }]);
  });
});
