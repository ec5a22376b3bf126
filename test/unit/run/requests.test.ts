import { describe, expect, it } from 'vitest';
import { TerminalError } from '../../../src/kernel/errors.ts';
import { requestsOf } from '../../../src/projections/requests.ts';
import { hour, minute, second, type Rig } from './support/rig.ts';
import { away, running } from './support/running.ts';

/** The records that accepted and settled each request, as the whole log tells. */
const told = (rig: Pick<Rig, 'world' | 'definition'>) => requestsOf(rig.definition, rig.world.records('run/r1'));
const last = (rig: Pick<Rig, 'world' | 'definition'>) => told(rig).at(-1);

describe('a request to a run', () => {
  it('B7.1: given a stop whose answer was lost, when it is asked again under its id or another, then the same request answers, and the runner is asked once', async () => {
    const rig = await running({ stopTakesMs: 2 * second });
    const id = await rig.world.send('run/r1', 'stop', { reason: 'lunch' });
    await rig.world.clock.advance(10);
    const first = rig.world.answer(id);
    expect(first).toMatchObject({ accepted: true, request: { id, command: 'stop', by: 'tester', reason: 'lunch', state: 'pending' } });
    await rig.world.send('run/r1', 'stop', { reason: 'lunch' }, id);
    await rig.world.clock.advance(10);
    expect(rig.world.answer(id)).toEqual(first);
    expect(await rig.ask('stop', { reason: 'again' })).toEqual({ ...first, duplicate: true });
    await rig.world.clock.advance(10 * second);
    expect([rig.world.status('run/r1'), rig.backend.count('stop'), told(rig).length]).toEqual(['stopped', 1, 1]);
  });

  it('B7.2: given a start, when its host dies around each call and each record of it, then the build is started once, and the request settled once', async () => {
    const reference = await running();
    await reference.ask('stop');
    const asked = reference.world.clock.now();
    await reference.ask('start');
    const done = reference.world.clock.now() - asked;
    for (let at = 0; at <= done; at += 2) {
      const rig = await running();
      await rig.ask('stop');
      await rig.world.send('run/r1', 'start');
      await rig.world.clock.advance(at);
      rig.crash();
      await rig.world.host();
      await rig.world.clock.advance(minute);
      expect([...rig.backend.builds.values()][0]).toMatchObject({ generation: 2, frozen: false });
      const types = rig.world.types('run/r1').filter((type) => type === 'start');
      expect({ at, is: [types.length, last(rig)?.state, rig.context().generation] }).toEqual({ at, is: [1, 'completed', 2] });
    }
  });

  it.each([
    ['refuses it', { start: () => { throw new TerminalError('quota', 'no more room'); } }, 'quota'],
    ['is away for good', { start: away }, 'http_503'],
    ['takes it and nothing happens', { staleSamples: Infinity }, 'start_not_confirmed'],
  ])('B7.3: given a runner that %s, when the start fails, then state, error and request settle in one record, and nothing starts it again', async (_what, plan, code) => {
    const rig = await running(plan);
    await rig.ask('stop');
    await rig.ask('start');
    await rig.world.clock.runUntil(() => rig.world.status('run/r1') === 'stopped', hour);
    const request = last(rig);
    expect(request).toMatchObject({ command: 'start', state: 'failed', code });
    expect(request?.settledSeq).toBe(rig.world.records('run/r1').length);
    expect(rig.context().lastError?.code).toBe(code);
    const starts = rig.backend.count('start');
    rig.crash();
    await rig.world.host();
    await rig.world.clock.advance(hour);
    expect([rig.backend.count('start'), told(rig).length, rig.world.status('run/r1')]).toEqual([starts, 2, 'stopped']);
  });

  it('B7.4: given a grace window, when ten hosts die inside it, then it ends at the moment stored at its beginning, plus one poll at most', async () => {
    const rig = await running({ staleSamples: Infinity });
    await rig.ask('stop');
    await rig.world.clock.advance(minute);
    await rig.world.send('run/r1', 'start');
    await rig.world.clock.settle();
    const accepted = rig.world.clock.now();
    let { crash } = rig;
    for (let death = 0; death < 10; death++) {
      await rig.world.clock.advance(2 * second);
      crash();
      ({ crash } = await rig.world.host());
    }
    await rig.world.clock.runUntil(() => rig.world.status('run/r1') === 'stopped', minute);
    const late = rig.world.clock.now() - (accepted + 30 * second);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(rig.context().cadence.runningMs);
    expect(last(rig)).toMatchObject({ state: 'failed', code: 'start_not_confirmed', settledAt: accepted + 30 * second });
    expect(rig.backend.count('start')).toBe(1);
  });

  it('B7.5: given a grace of 10 s, when the build runs at its last moment, then it counts; when it never does, then not', async () => {
    const until = async (ms: number): Promise<Rig> => {
      const rig = await running({}, { startGraceMs: 10 * second });
      await rig.ask('stop');
      const { progress } = rig.backend.pausable;
      let from = Infinity;
      Object.assign(rig.backend.pausable, { progress: async (id: never) => (rig.world.clock.now() >= from ? progress(id) : { generation: 2, state: 'stopped' }) });
      await rig.world.send('run/r1', 'start');
      await rig.world.clock.settle();
      from = rig.world.clock.now() + ms;
      await rig.world.clock.advance(15 * second);
      return rig;
    };
    const inTime = await until(8 * second);
    expect([inTime.world.status('run/r1'), last(inTime)]).toMatchObject(['running', { state: 'completed' }]);
    const tooLate = await until(10 * second + 1);
    expect([tooLate.world.status('run/r1'), last(tooLate)]).toMatchObject(['stopped', { state: 'failed', code: 'start_not_confirmed' }]);
  });

  it('B7.5: given the build runs inside the window and is stopped again there, when that is seen, then the new stop wins', async () => {
    const rig = await running({ staleSamples: 2 });
    await rig.ask('stop');
    await rig.ask('start');
    await rig.world.clock.advance(5 * second);
    expect(last(rig)?.state).toBe('completed');
    expect(await rig.ask('stop')).toMatchObject({ accepted: true });
    expect([rig.world.status('run/r1'), last(rig)]).toMatchObject(['stopped', { command: 'stop', state: 'completed' }]);
  });

  it('B7.5: given the build ends inside the window, when that is seen, then the run ends as it did, and the start is settled', async () => {
    const rig = await running({ staleSamples: Infinity });
    await rig.ask('stop');
    await rig.ask('start');
    rig.backend.meddle('run/r1', { final: 'succeeded' });
    expect(await rig.untilEnded()).toMatchObject({ status: 'succeeded' });
    expect(last(rig)).toMatchObject({ command: 'start', state: 'completed', detail: 'the build has ended: succeeded' });
  });

  it('B7.6: given "stopped" samples of the generation before the accepted start, when they come, and also after the grace, then none is believed', async () => {
    const rig = await running({}, { startGraceMs: 10 * second });
    await rig.ask('stop');
    await rig.ask('start');
    await rig.world.clock.advance(3 * second);
    expect(rig.context()).toMatchObject({ generation: 2, status: 'running' });
    const { progress } = rig.backend.pausable;
    Object.assign(rig.backend.pausable, { progress: async () => ({ generation: 1, state: 'stopped' }) });
    await rig.world.clock.advance(minute);
    expect(rig.world.status('run/r1')).toBe('running');
    Object.assign(rig.backend.pausable, { progress });
    expect(last(rig)?.state).toBe('completed');
  });

  it('B7.7: given the first stop of a build came back late, when a newer start has gone out, then what the old call says changes nothing', async () => {
    const rig = await running();
    let release = (): void => {};
    const { stop } = rig.backend.pausable;
    let calls = 0;
    Object.assign(rig.backend.pausable, { stop: async (id: never) => { await stop(id); if (++calls === 1) await new Promise<void>((resolve) => { release = resolve; }); } });
    await rig.ask('stop');
    // The call is given up after two minutes and repeated; the build is stopped, and started again.
    await rig.world.clock.runUntil(() => rig.world.status('run/r1') === 'stopped', 10 * minute);
    await rig.ask('start');
    await rig.world.clock.advance(10 * second);
    const before = rig.world.records('run/r1').filter(({ type }) => type !== 'timer.fired').length;
    release();
    await rig.world.clock.settle();
    expect([rig.world.status('run/r1'), rig.context().generation]).toEqual(['running', 2]);
    expect(rig.world.records('run/r1').filter(({ type }) => type !== 'timer.fired').length).toBe(before);
    expect(told(rig).map(({ state }) => state)).toEqual(['completed', 'completed']);
  });

  it('B7.9: given the stop of a build is on its way, when start comes, then the runner is not asked to start before the stop has come back', async () => {
    const rig = await running({ stopTakesMs: 3 * second });
    await rig.ask('stop');
    await rig.ask('start');
    await rig.world.clock.advance(2 * second);
    expect([rig.backend.count('start'), told(rig).map(({ state }) => state)]).toEqual([0, ['pending', 'pending']]);
    await rig.world.clock.advance(10 * second);
    expect((rig.backend.times('start')[0] ?? 0) - (rig.backend.times('stop')[0] ?? 0)).toBe(3 * second);
    expect([rig.world.status('run/r1'), told(rig).map(({ state }) => state)]).toEqual(['running', ['completed', 'completed']]);
  });

  it('B7.12: given the runner took the start, when the host dies before that is stored, then the next one finds it started, and there is one generation', async () => {
    const rig = await running();
    const { start } = rig.backend.pausable;
    let isFirst = true;
    Object.assign(rig.backend.pausable, { start: async (id: never) => {
      const generation = await start(id);
      if (!isFirst) return generation;
      isFirst = false;
      return await new Promise(() => undefined);
    } });
    await rig.ask('stop');
    await rig.ask('start');
    expect(rig.context().generation).toBe(1);
    rig.crash();
    await rig.world.host();
    await rig.world.clock.advance(minute);
    expect([rig.backend.count('start'), [...rig.backend.builds.values()][0]?.generation, rig.context().generation]).toEqual([2, 2, 2]);
    expect([rig.world.status('run/r1'), last(rig)?.state]).toEqual(['running', 'completed']);
  });

  it('B7.16: given a build that succeeds before its cancel reaches it, when the run ends, then it has succeeded, and the cancel has failed with the reason', async () => {
    const rig = await running({ cancelTakesMs: hour });
    await rig.ask('cancel', { reason: 'wrong branch' });
    rig.backend.meddle('run/r1', { final: 'succeeded' });
    expect(await rig.untilEnded()).toMatchObject({ status: 'succeeded' });
    expect(last(rig)).toMatchObject({ command: 'cancel', reason: 'wrong branch', state: 'failed', code: 'already_completed', detail: 'the build succeeded before the cancel could take effect' });
    expect(await rig.ask('cancel')).toMatchObject({ accepted: false, code: 'actor_ended', reason: 'the build is already completed: it succeeded' });
  });

  it('B7.17: given stop and start again and again, when each is settled, then the next one is a new request and is never held back', async () => {
    const rig = await running();
    for (let round = 0; round < 3; round++) {
      expect(await rig.ask('stop')).not.toHaveProperty('duplicate');
      await rig.world.clock.advance(second);
      expect(await rig.ask('start')).not.toHaveProperty('duplicate');
      await rig.world.clock.advance(5 * second);
    }
    expect(told(rig).map(({ command, state }) => `${command} ${state}`)).toEqual(Array.from({ length: 3 }, () => ['stop completed', 'start completed']).flat());
    expect(new Set(told(rig).map(({ id }) => id)).size).toBe(6);
  });

  it('given stop or start is pending, when the build is cancelled, then it has failed for that, and only the cancel is done', async () => {
    const rig = await running({ stopTakesMs: second });
    await rig.ask('stop');
    await rig.ask('start');
    await rig.ask('cancel', { reason: 'enough' });
    expect(await rig.untilEnded()).toMatchObject({ status: 'cancelled' });
    expect(told(rig).map(({ command, state, code }) => [command, state, code])).toEqual([
      ['stop', 'failed', 'being_cancelled'], ['start', 'failed', 'being_cancelled'], ['cancel', 'completed', undefined],
    ]);
  });
});
