import { describe, expect, it } from 'vitest';
import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import { hour, makeRig, minute, second, type Rig } from './support/rig.ts';
import type { Plan } from './support/backend.ts';

/** A build that runs at a backend that can pause. */
async function running(plan: Plan = {}, input: Record<string, number> = {}): Promise<Rig & { crash: () => void }> {
  const rig = makeRig(plan, { pausable: true });
  const { crash } = await rig.world.host();
  await rig.trigger('run/r1', input);
  await rig.world.clock.advance(10 * second);
  expect(rig.world.status('run/r1')).toBe('running');
  return { ...rig, crash };
}

const away = (): never => { throw new RetryableError('http_503', 'the service said 503'); };

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

  it('given a trigger that is not answered yet, when stop comes, then it is refused as too early', async () => {
    const { world, ask, trigger } = makeRig({ trigger: away }, { pausable: true });
    await world.host();
    await trigger();
    await world.clock.advance(5 * second);
    expect(await ask('stop')).toMatchObject({ accepted: false, code: 'not_triggered' });
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
    expect(await rig.ask('start')).toMatchObject({ code: 'already_starting' });
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

describe('starting', () => {
  it('given samples that still say stopped, when they are of the started generation, then they are borne within the grace', async () => {
    const { world, backend, ask, value, context } = await running({ staleSamples: 8 });
    await ask('stop');
    await ask('start');
    expect(value()).toEqual({ starting: { confirming: 'waiting' } });
    await world.clock.advance(20 * second);
    expect(value()).toHaveProperty('polling');
    expect([backend.count('start'), context().lastError]).toEqual([1, null]);
  });

  it('given samples of the generation before, when they come for ever, then none counts, and the grace ends it', async () => {
    const { world, ask, context } = await running({ staleSamples: Infinity, staleGeneration: true }, { startGraceMs: 10 * second });
    await ask('stop');
    await ask('start');
    await world.clock.advance(9 * second);
    expect(world.status('run/r1')).toBe('running');
    await world.clock.advance(2 * second);
    expect(world.status('run/r1')).toBe('stopped');
    expect(context().lastError?.code).toBe('start_not_confirmed');
  });

  it('given a build that does not go on, when the grace is over, workers dying meanwhile, then it is stopped at the stored moment, and that record says why', async () => {
    const rig = await running({ staleSamples: Infinity });
    await rig.ask('stop');
    await rig.world.clock.advance(minute);
    await rig.world.send('run/r1', 'start');
    await rig.world.clock.settle();
    const accepted = rig.world.clock.now();
    let { crash } = rig;
    for (let death = 0; death < 5; death++) {
      await rig.world.clock.advance(4 * second);
      crash();
      ({ crash } = await rig.world.host());
    }
    await rig.world.clock.runUntil(() => rig.world.status('run/r1') === 'stopped', minute);
    expect(rig.world.clock.now() - accepted).toBe(30 * second);
    expect(rig.world.records('run/r1').at(-1)).toMatchObject({ type: 'timer.fired' });
    expect(rig.context().lastError).toMatchObject({ code: 'start_not_confirmed', at: accepted + 30 * second });
    await rig.world.clock.advance(10 * minute);
    expect(rig.backend.count('start')).toBe(1);
    // And it can be tried again.
    expect(await rig.ask('start')).toMatchObject({ accepted: true });
  });

  it.each([
    ['is away', away, 10, 'the build could not be started again: the service said 503'],
    ['refuses', () => { throw new TerminalError('quota', 'no more room'); }, 1, 'the build could not be started again: no more room'],
  ])('given a runner that %s, when it is asked to start, then the build is stopped again with the reason', async (_what, start, calls, message) => {
    const { world, backend, ask, context } = await running({ start });
    await ask('stop');
    await ask('start');
    await world.clock.advance(hour);
    expect([world.status('run/r1'), backend.count('start'), context().lastError?.message]).toEqual(['stopped', calls, message]);
  });

  it('given stop comes while a start is on its way, when it has arrived, then the build is stopped, and not before', async () => {
    const rig = await running({ startTakesMs: 2 * second });
    await rig.ask('stop');
    await rig.ask('start');
    expect(await rig.ask('stop')).toMatchObject({ accepted: true });
    expect(rig.backend.count('stop')).toBe(1);
    await rig.world.clock.advance(3 * second);
    expect([rig.world.status('run/r1'), rig.backend.count('stop')]).toEqual(['stopped', 2]);
    expect([...rig.backend.builds.values()][0]?.frozen).toBe(true);
  });

  it('given stop comes while the start is being confirmed, when it does, then the build is stopped at once', async () => {
    const rig = await running({ staleSamples: Infinity });
    await rig.ask('stop');
    await rig.ask('start');
    await rig.ask('stop');
    expect([rig.world.status('run/r1'), rig.backend.count('stop'), rig.context().lastError]).toEqual(['stopped', 2, null]);
  });

  it.each(['stopping', 'starting', 'confirming'])('given cancel comes in %s, when the call on its way has ended, then the build is cancelled', async (where) => {
    const rig = await running({ stopTakesMs: where === 'stopping' ? second : 0, startTakesMs: where === 'starting' ? second : 0, staleSamples: Infinity });
    await rig.ask('stop');
    if (where !== 'stopping') await rig.ask('start');
    expect(JSON.stringify(rig.value())).toContain(where);
    await rig.ask('cancel');
    expect(await rig.untilEnded()).toMatchObject({ status: 'cancelled' });
    expect(rig.backend.running()).toEqual([]);
  });

  it('given a later generation that is stopped, when it is seen, then somebody else stopped it, and that stands', async () => {
    const rig = await running({ staleSamples: Infinity });
    await rig.ask('stop');
    await rig.ask('start');
    rig.backend.meddle('run/r1', { frozen: true, generation: 3 });
    await rig.world.clock.advance(10 * second);
    expect(rig.world.status('run/r1')).toBe('stopped');
    expect(rig.context()).toMatchObject({ generation: 3, lastError: { code: 'stopped_elsewhere' } });
  });

  it('given a call that never returns, when its time is over, then it counts as failed and is repeated', async () => {
    let calls = 0;
    const rig = await running();
    const { start } = rig.backend.pausable;
    Object.assign(rig.backend.pausable, { start: (id: never) => (++calls === 1 ? new Promise(() => {}) : start(id)) });
    await rig.ask('stop');
    await rig.ask('start');
    await rig.world.clock.advance(119 * second);
    expect(rig.value()).toEqual({ starting: 'asking' });
    await rig.world.clock.advance(5 * second);
    expect(rig.value()).toHaveProperty('polling');
    expect(calls).toBe(2);
  });
});

describe('the deadline of a build that is stopped', () => {
  it('given ten minutes, of which four are used, when the build is stopped for hours and workers die, then six are left after its start', async () => {
    const rig = makeRig({}, { pausable: true });
    const { crash } = await rig.world.host();
    await rig.trigger('run/r1', { deadlineMs: 10 * minute });
    const created = rig.world.clock.now();
    await rig.world.clock.advance(4 * minute);
    await rig.ask('stop');
    expect(rig.context()).toMatchObject({ deadlineAt: null, leftMs: created + 10 * minute - (rig.world.clock.now() - 10) });
    crash();
    await rig.world.clock.advance(9 * hour);
    await rig.world.host();
    await rig.world.clock.advance(hour);
    expect(rig.world.status('run/r1')).toBe('stopped');
    const { leftMs } = rig.context();
    const started = rig.world.clock.now();
    await rig.ask('start');
    expect(rig.context().deadlineAt).toBe(started + (leftMs ?? 0));
    await rig.world.clock.runUntil(() => rig.world.ended('run/r1'), hour);
    expect((rig.backend.times('cancel')[0] ?? 0) - started).toBe(leftMs);
    expect(rig.output()).toMatchObject({ status: 'failed', reason: 'the deadline of 600000 ms has passed' });
  });

  it('given a start that fails, when the build is stopped again, then only the time of the attempt is gone', async () => {
    const rig = await running({ staleSamples: Infinity }, { deadlineMs: 10 * minute });
    await rig.ask('stop');
    const { leftMs: before } = rig.context();
    await rig.ask('start');
    await rig.world.clock.advance(hour);
    expect(rig.world.status('run/r1')).toBe('stopped');
    expect((before ?? 0) - (rig.context().leftMs ?? 0)).toBe(30 * second);
  });
});
