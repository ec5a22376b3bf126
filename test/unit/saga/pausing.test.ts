import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RetryableError } from '../../../src/kernel/errors.ts';
import { allowedNow } from '../../../src/kernel/judge.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { contextOf, outputOf, valueOf } from '../../../src/kernel/status.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import type { SagaContext } from '../../../src/machines/saga/types.ts';
import { makeWorld } from '../../support/world.ts';
import { makeBackend, type Backend, type Plan } from '../run/support/backend.ts';

const none = z.object({});
const minute = 60_000;

/** A saga whose one step is a build at a runner, on a host in virtual time. */
async function building(plan: Plan, pausable: boolean) {
  const run = runDefinition({ runners: () => (pausable ? backend.pausable : backend.runner) });
  const saga = defineSaga({
    name: 'ship', version: '1', input: none,
    steps: [step({
      name: 'make', needs: none, gives: none, child: run, childInput: () => ({ runner: 'fake', head: [{ uri: 'source:x' }], startGraceMs: 5000 }), undo: async () => {},
      settle: (output: unknown) => ((output as { status: string }).status === 'succeeded' ? { ok: true, gives: {} } : { ok: false, error: { name: 'TerminalError', code: 'build_failed', message: 'it failed', retryable: false } }),
    } as never)],
  });
  const world = makeWorld([saga, run]);
  const backend: Backend = makeBackend(world.clock, plan);
  const { crash } = await world.host();
  const ask = async (command: string) => {
    const id = await world.send('ship/s1', command);
    await world.clock.advance(3000);
    return world.answer(id);
  };
  await world.send('ship/s1', 'create');
  await world.clock.advance(10_000);
  const [child] = Object.values(world.state('ship/s1').children).map(({ actor }) => actor);
  return {
    world, backend, ask, crash, child: child as ActorName,
    value: () => valueOf(world.state('ship/s1')), context: () => contextOf(world.state('ship/s1')) as unknown as SagaContext,
    settled: () => (contextOf(world.state('ship/s1')) as unknown as SagaContext).requests.map(({ command, state }) => `${command} ${state}`),
  };
}

const slow: Plan = { status: ({ ranMs }) => (ranMs > minute ? 'succeeded' : 'running') };

describe('a saga whose child can pause', () => {
  it('given a build at a pausable runner, when the saga is stopped and started, then the same build stands still and goes on, and none is cancelled', async () => {
    const { world, backend, ask, child, value, context, settled } = await building(slow, true);
    expect(await ask('stop')).toMatchObject({ accepted: true });
    expect([world.status('ship/s1'), world.status(child), value()]).toEqual(['stopped', 'stopped', { work: { make: { executing: 'resting' } }, control: 'stopped' }]);
    await world.clock.advance(10 * minute);
    expect(await ask('start')).toMatchObject({ accepted: true });
    expect([world.status('ship/s1'), world.status(child), context().steps['make']?.status]).toEqual(['running', 'running', 'running']);
    await world.clock.runUntil(() => world.ended('ship/s1'), 5 * minute);
    expect(outputOf(world.state('ship/s1'))).toMatchObject({ status: 'completed' });
    expect([backend.count('trigger'), backend.count('stop'), backend.count('start'), backend.count('cancel'), await world.dead.list()]).toEqual([1, 1, 1, 0, []]);
    expect(settled()).toEqual(['stop completed', 'start completed']);
  });

  it('given a child that runs, when a person asks it to start, then that is refused, and start is not among what it would take', async () => {
    const { world, child, ask } = await building(slow, true);
    const id = await world.send(child, 'start');
    await world.clock.advance(1000);
    expect(world.answer(id)).toMatchObject({ accepted: false, code: 'not_stopped', allowed: ['cancel', 'promise', 'signal', 'stop'] });
    const run = runDefinition({ runners: () => { throw new Error('nothing runs'); } });
    expect(allowedNow(run, world.state(child))).toEqual(['cancel', 'promise', 'signal', 'stop']);
    await ask('stop');
    expect(allowedNow(run, world.state(child))).toEqual(['cancel', 'promise', 'signal', 'start']);
  });

  it('given a runner that cannot pause, when the saga is stopped, then its build is ended, and start begins another one', async () => {
    const { world, backend, ask, child, settled } = await building(slow, false);
    await ask('stop');
    await world.clock.advance(minute);
    expect([world.status('ship/s1'), world.ended(child), backend.count('cancel')]).toEqual(['stopped', true, 1]);
    await ask('start');
    await world.clock.runUntil(() => world.ended('ship/s1'), 5 * minute);
    expect([backend.count('trigger'), settled(), await world.dead.list()]).toEqual([2, ['stop completed', 'start completed'], []]);
  });

  it('B7.3: given a child that does not go on, when its grace is over, then the saga is stopped, its start has failed with the child\'s reason, in one record, and nothing is tried again', async () => {
    const { world, backend, ask, context } = await building({ staleSamples: Infinity }, true);
    await ask('stop');
    await ask('start');
    expect(context().requests.at(-1)?.state).toBe('pending');
    await world.clock.runUntil(() => world.status('ship/s1') === 'stopped', minute);
    expect(context().requests.at(-1)).toMatchObject({ command: 'start', state: 'failed', code: 'start_not_confirmed' });
    expect(context().requests.at(-1)?.settledAt).toBe(world.state('ship/s1').at);
    expect(context().refused).toMatchObject({ code: 'start_not_confirmed' });
    await world.clock.advance(30 * minute);
    expect([backend.count('start'), world.status('ship/s1')]).toEqual([1, 'stopped']);
    expect(await ask('start')).toMatchObject({ accepted: true });
  });

  it.each(['stopping', 'stopped'])('given the child is %s, when the saga is cancelled, then the build is ended, and then the step is undone', async (where) => {
    const { world, backend, ask, child } = await building({ stopTakesMs: where === 'stopping' ? 10_000 : 0 }, true);
    await ask('stop');
    expect(world.status('ship/s1')).toBe(where);
    await ask('cancel');
    await world.clock.runUntil(() => world.ended('ship/s1'), 5 * minute);
    expect(outputOf(world.state('ship/s1'))).toMatchObject({ status: 'cancelled', undone: ['make'] });
    expect([world.ended(child), backend.running(), await world.dead.list()]).toEqual([true, [], []]);
  });

  it('given the build ends while it is stopped, when its end is seen, then the step is done; and start completes the saga', async () => {
    const { world, backend, ask, child } = await building({}, true);
    await ask('stop');
    backend.meddle(child, { final: 'succeeded' });
    await world.clock.runUntil(() => world.ended('ship/s1'), 5 * minute);
    expect(outputOf(world.state('ship/s1'))).toMatchObject({ status: 'completed' });
  });

  it('given start comes while the child is being stopped, when it has been, then both go on, and the runner was not asked to start before', async () => {
    const { world, backend, ask, settled } = await building({ ...slow, stopTakesMs: 8000 }, true);
    await ask('stop');
    await ask('start');
    expect([backend.count('start'), settled()]).toEqual([0, ['stop pending', 'start pending']]);
    await world.clock.advance(20_000);
    expect([world.status('ship/s1'), settled()]).toEqual(['running', ['stop completed', 'start completed']]);
    expect((backend.times('start')[0] ?? 0) - (backend.times('stop')[0] ?? 0)).toBeGreaterThanOrEqual(8000);
  });

  it('given hosts that die at any moment of a stop and a start, when others take over, then there is one build, stopped once and started once, and nothing is buried', async () => {
    for (let at = 0; at <= 60; at += 20) {
      const { world, backend, crash, settled } = await building(slow, true);
      await world.send('ship/s1', 'stop');
      await world.clock.advance(at);
      crash();
      const next = await world.host();
      await world.clock.advance(20_000);
      expect({ at, status: world.status('ship/s1') }).toEqual({ at, status: 'stopped' });
      await world.send('ship/s1', 'start');
      await world.clock.advance(at);
      next.crash();
      await world.host();
      await world.clock.runUntil(() => world.ended('ship/s1'), 10 * minute);
      expect(outputOf(world.state('ship/s1'))).toMatchObject({ status: 'completed' });
      expect([backend.count('trigger'), [...backend.builds.values()][0]?.generation, settled(), await world.dead.list()]).toEqual([1, 2, ['stop completed', 'start completed'], []]);
    }
  });

  it('given a runner that is away when it is asked to stop, when that is given up, then the build is ended as if it could not pause', async () => {
    const { world, ask, child } = await building({ stop: () => { throw new RetryableError('http_503', 'away'); } }, true);
    await ask('stop');
    await world.clock.runUntil(() => world.status('ship/s1') === 'stopped', 30 * minute);
    expect(world.ended(child)).toBe(true);
  });
});
