import { describe, expect, it } from 'vitest';
import { TerminalError } from '../../../src/kernel/errors.ts';
import { hour, makeRig, minute, second } from './support/rig.ts';
import { away, running } from './support/running.ts';

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
