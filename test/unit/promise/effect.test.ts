import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Definition } from '../../../src/kernel/definition.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { contextOf, outputOf } from '../../../src/kernel/status.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import { mill } from '../../support/promise/mill.ts';
import type { World } from '../../support/world.ts';

/** A saga that builds, as the build machine does, and undoes what came before when that fails. */
const making = (run: Definition, undone: string[]): Definition => defineSaga({
  name: 'make', version: '1', input: z.object({ script: z.string() }), rules: { retry: { attempts: 2, delayMs: 1000 } },
  steps: [
    step({ name: 'prepare', needs: z.object({}), gives: z.object({}), run: async () => ({}), undo: async () => { undone.push('prepare'); } }),
    step({
      name: 'build', needs: z.object({ script: z.string() }), gives: z.object({}), child: run,
      childInput: ({ script }) => ({ runner: 'fake', base: [], head: [{ uri: 'source:x' }], metadata: { 'fake.status': script } }),
      settle: (output) => {
        const { status, reason = '', infrastructure } = output as { status: string; reason?: string; infrastructure: boolean };
        if (status === 'succeeded') return { ok: true, gives: {} };
        return { ok: false, error: { name: infrastructure ? 'RetryableError' : 'TerminalError', code: 'build_failed', message: reason, retryable: infrastructure } };
      },
    }),
  ],
});

const childIn = (world: World): ActorName | undefined => Object.values(world.state('make/m1').children)[0]?.actor;

function childOf(world: World): ActorName {
  const run = childIn(world);
  if (run === undefined) throw new Error('no run was made');
  return run;
}

async function promised(script: string, more: JsonObject = {}) {
  const { world, worker, run, all } = mill();
  const { desk } = await worker();
  await run('b1', script, more);
  const told = (await all([desk.ask({ build: 'run/b1', exitStatus: 7, reason: 'two tests failed' }, 10_000)]))[0];
  expect(told).toMatchObject({ accepted: true });
  return world;
}

describe('what a promise does to its build', () => {
  it.each([
    ['it exits 0', 'accepted running succeeded', {}, undefined, { status: 'failed', exitStatus: 7, reason: 'two tests failed', promised: { exitStatus: 7 } }],
    ['it fails softly', 'accepted running failed', { softFail: 'true', exitCode: '3' }, undefined, { status: 'failed', exitStatus: 7 }],
    ['it fails hard with another status', 'accepted running failed', { exitCode: '3' }, undefined, { status: 'failed', exitStatus: 3, promised: { exitStatus: 7 } }],
    ['it is cancelled', 'accepted running', {}, 'cancel', { status: 'cancelled' }],
    ['its time is over', 'accepted running', {}, 'deadline', { status: 'failed', infrastructure: false }],
    ['its agent is lost', 'accepted running failed', { infrastructure: 'true' }, undefined, { status: 'failed', infrastructure: true }],
  ] as const)('B7.7 given a promise of 7, when %s, then the build ends as the table says', async (_how, script, metadata, then, expected) => {
    const world = await promised(script, { metadata: { 'fake.status': script, ...metadata }, deadlineMs: 600_000 });
    if (then === 'cancel') await world.send('run/b1', 'cancel');
    await world.clock.runUntil(() => world.ended('run/b1'), 3_600_000);
    expect(outputOf(world.state('run/b1'))).toMatchObject(expected);
  });

  it('B7.7 and B7.8 given a saga whose build has promised, when the build runs on, then people see it failing at once, nothing is stopped or undone for that, and a retry begins without the promise', async () => {
    const undone: string[] = [];
    const { world, worker, all } = mill({ more: (run) => [making(run, undone)] });
    const { desk } = await worker();
    await world.send('make/m1', 'create', { script: 'accepted running running running running running !502' });
    await world.clock.advance(1);
    const run = childOf(world);
    const board = async (actor: ActorName) => (await world.board.get(actor))?.failing;
    expect(await board('make/m1')).toBeUndefined();
    await all([desk.ask({ build: run, exitStatus: 7, reason: 'early' }, 10_000)]);
    await world.clock.advance(1_100);
    expect([await board(run), await board('make/m1')]).toEqual([{ exitStatus: 7, reason: 'early' }, { exitStatus: 7, reason: 'early' }]);
    expect(world.signals.said.filter(({ body }) => (body as { failing?: unknown }).failing !== undefined).map(({ actor }) => actor)).toEqual(expect.arrayContaining([run, 'make/m1']));
    expect([world.status(run), world.status('make/m1'), undone]).toEqual(['running', 'running', []]);
    // The runner goes away: not the build's fault, so the saga tries again, and that attempt has promised nothing.
    await world.clock.runUntil(() => ![run, undefined].includes(childIn(world)), 3_600_000);
    await world.clock.advance(1_100);
    expect((contextOf(world.state('make/m1')) as JsonObject).failing).toBeUndefined();
    expect(await board('make/m1')).toBeUndefined();
  });

  it('B7.8 given a saga whose build promised to fail, when the build comes out well after all, then only that end fails the saga, and it is undone then', async () => {
    const undone: string[] = [];
    const { world, worker, all } = mill({ more: (run) => [making(run, undone)] });
    const { desk } = await worker();
    await world.send('make/m1', 'create', { script: 'accepted running running succeeded' });
    await world.clock.advance(1);
    await all([desk.ask({ build: childOf(world), exitStatus: 7 }, 10_000)]);
    expect(undone).toEqual([]);
    await world.clock.runUntil(() => world.ended('make/m1'), 3_600_000);
    expect([world.status('make/m1'), undone]).toEqual(['failed', ['prepare']]);
    expect(await world.dead.list()).toEqual([]);
  });
});
