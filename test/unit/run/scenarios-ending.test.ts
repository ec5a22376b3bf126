import { describe, expect, it } from 'vitest';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { fromPromise, setup } from 'xstate';
import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import { fakeRunner } from '../../support/fake/runner.ts';
import { seeded } from '../../support/random.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import { makeWorld } from '../../support/world.ts';
import type { Plan } from './support/backend.ts';
import { hour, makeRig, minute, second } from './support/rig.ts';

describe('the end of a run', () => {
  it('A7.9 given a build that somebody cancels at the backend, when the next poll comes, then the run ends with that reason and whoever waits for it goes on', async () => {
    // A "replan" is the parent's next step here: its child has ended, and it hears how.
    const runner = fakeRunner();
    const run = runDefinition({ runners: () => runner });
    const parent = defineMachine({
      machine: setup({ actors: { run: fromPromise<unknown, JsonObject>(() => Promise.resolve()) } }).createMachine({
        id: 'change', context: {}, initial: 'building',
        states: {
          building: { invoke: { id: 'run', src: 'run', input: { runner: 'fake', head: [], metadata: { 'fake.status': 'running running cancelled' } }, onDone: 'told', onError: 'told' } },
          told: { type: 'final' },
        },
      }),
      version: '1', children: { run },
    });
    const world = makeWorld([run, parent]);
    await world.host();
    await world.send('change/c1', 'create');
    await world.clock.runUntil(() => world.ended('change/c1'), minute);
    const told = world.records('change/c1').find(({ type }) => type === 'child.completed');
    expect(told?.data.output).toMatchObject({ status: 'cancelled', reason: 'cancelled at the runner, not by Millrace' });
    expect(runner.cancels).toEqual([]);
  });

  it('A7.10 given a hung build whose cancels are ignored, when its deadline passes although workers die, then it is asked to stop five times at the most, ever more rarely, and the run fails', async () => {
    const rig = makeRig({ cancelTakesMs: Infinity });
    let { crash } = await rig.world.host();
    await rig.trigger('run/r1', { deadlineMs: 10 * minute, cancelGraceMs: hour, poll: { runningMs: 20 * second } });
    const created = rig.world.clock.now();
    for (let death = 0; death < 6; death++) {
      await rig.world.clock.advance(97 * second);
      crash();
      await rig.world.clock.advance(5 * second);
      ({ crash } = await rig.world.host());
    }
    await rig.untilEnded(2 * hour);
    const cancels = rig.backend.times('cancel').map((at) => at - created);
    expect(cancels[0]).toBeGreaterThanOrEqual(10 * minute);
    expect(cancels[0]).toBeLessThan(10 * minute + 10 * second);
    expect(cancels.slice(1).map((at, n) => at - (cancels[n] ?? 0))).toEqual([30, 60, 120, 240].map((s) => s * second));
    expect(rig.output()).toMatchObject({ status: 'failed', reason: 'the deadline of 600000 ms has passed; the runner did not confirm that the build has stopped' });
    expect(await rig.letters()).toMatchObject([{ code: 'cancel_unconfirmed' }]);
  });

  it('A7.11 given a build that takes a minute to stop, when it is cancelled, then its place is free only once it has stopped', async () => {
    // A "slot" is free when the run has ended; until then it is stopping, and whoever counts runs counts it.
    const rig = makeRig({ cancelTakesMs: minute });
    await rig.world.host();
    await rig.trigger();
    await rig.world.clock.advance(10 * second);
    await rig.ask('cancel');
    const asked = rig.backend.times('cancel')[0] ?? 0;
    while (rig.world.clock.now() < asked + minute - second) {
      expect(await rig.world.board.get('run/r1')).toMatchObject({ status: expect.stringMatching(/running|stopping/) as string });
      expect(rig.world.ended('run/r1')).toBe(false);
      await rig.world.clock.advance(second);
    }
    await rig.untilEnded();
    expect(await rig.world.board.list({ status: 'cancelled' })).toHaveLength(1);
  });

  it('A7.18 given a cancel before the run is created, when it comes, then it is refused and nothing begins', async () => {
    const rig = makeRig();
    await rig.world.host();
    const id = await rig.world.send('run/r1', 'cancel');
    await rig.world.clock.advance(second);
    expect(rig.world.answer(id)).toMatchObject({ accepted: false, code: 'no_such_actor' });
    expect(rig.backend.calls).toEqual([]);
  });

  it('A7.18 given a cancel at every moment of a run that is stopped and started, when it comes, then the run ends within its bounds, cancelled or succeeded and never both, and no build runs', async () => {
    const plan: Plan = {
      trigger: (call) => (call === 1 ? 'lost' : undefined), stopTakesMs: second, startTakesMs: second, staleSamples: 2, statusTakesMs: 100,
      status: ({ ranMs }) => (ranMs > 20 * second ? 'succeeded' : ranMs > 3 * second ? 'running' : 'accepted'), cancelTakesMs: 4 * second,
    };
    const seen = new Set<string>();
    // 62 s are all of its life; every third second of it.
    for (let at = 0; at <= 62; at += 3) {
      const rig = makeRig(plan, { pausable: true });
      await rig.world.host();
      await rig.trigger();
      const created = rig.world.clock.now();
      const say = async (ms: number, command: string): Promise<void> => {
        await rig.world.clock.advance(Math.max(0, created + ms - rig.world.clock.now()));
        await rig.world.send('run/r1', command);
      };
      const commands: [number, string][] = [[10_500, 'stop'], [35_500, 'start'], [at * second + 200, 'cancel']];
      for (const [ms, command] of commands.toSorted(([a], [b]) => a - b)) await say(ms, command);
      const end = await rig.untilEnded(10 * minute);
      seen.add(end.status);
      expect(['cancelled', 'succeeded'], `cancel at ${at} s`).toContain(end.status);
      expect(rig.backend.running()).toEqual([]);
      expect([...rig.backend.builds.values()][0]?.final).toBe(end.status);
      expect(rig.backend.count('cancel')).toBeLessThanOrEqual(5);
    }
    expect([...seen].toSorted()).toEqual(['cancelled', 'succeeded']);
  });

  it('A7.20 given any schedule of faults, commands and deaths, when no more comes, then every run ends with a reason, or stands stopped, and no build is left unwatched', async () => {
    for (let seed = 1; seed <= Number(process.env.MILLRACE_RUN_SEEDS ?? 10); seed++) await anyFaults(seed);
  }, 600_000);
});

async function anyFaults(seed: number): Promise<void> {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random.next() * n);
  const sometimes = (chance: number): void => {
    if (random.next() < chance) throw random.next() < 0.9 ? new RetryableError('http_502', 'the service said 502') : new TerminalError('http_500', 'the service said 500');
  };
  let calm = false;
  const rig = makeRig({
    trigger: () => { if (!calm) sometimes(0.2); return !calm && random.next() < 0.2 ? 'lost' : undefined; },
    status: ({ ranMs, key }) => {
      if (!calm) sometimes(0.1);
      return ranMs > (1 + Number(key.slice(-1))) * minute ? (seed % 2 === 0 ? 'succeeded' : 'failed') : 'running';
    },
    cancel: () => { if (!calm) sometimes(0.3); }, stop: () => { if (!calm) sometimes(0.3); }, start: () => { if (!calm) sometimes(0.3); },
    cancelTakesMs: below(3) * 10 * second, staleSamples: below(4),
  }, {
    pausable: seed % 3 !== 0,
    faults: () => (calm ? undefined : random.next() < 0.05 ? (['lose_ack', 'lose_publish', 'conflict'] as const)[below(3)] : undefined),
  });
  const actors = ['run/r0', 'run/r1', 'run/r2', 'run/r3'] as const;
  let { crash } = await rig.world.host();
  for (const actor of actors) await rig.trigger(actor, { poll: { runningMs: 900, stoppedMs: 5 * minute }, deadlineMs: 5 * minute });
  for (let step = 0; step < 30; step++) {
    await rig.world.clock.advance(below(8) * second);
    const what = below(8);
    if (what === 0) { crash(); ({ crash } = await rig.world.host()); }
    else if (what === 1) { rig.world.queue.setDown(true); await rig.world.clock.advance(below(5) * second); rig.world.queue.setDown(false); }
    else await rig.world.send(actors[below(4)] ?? 'run/r0', ['signal', 'stop', 'start', 'start', 'cancel', 'signal'][what - 2] ?? 'signal').catch(() => undefined);
  }
  calm = true;
  crash();
  await rig.world.host();
  await rig.world.clock.advance(2 * hour);
  for (const actor of actors) {
    if (rig.world.records(actor).length === 0) continue;
    if (!rig.world.ended(actor)) {
      expect(rig.world.status(actor), `seed ${seed}, ${actor}: ${JSON.stringify(rig.value(actor))}`).toBe('stopped');
      continue;
    }
    const { status, reason } = rig.output(actor);
    expect(status === 'succeeded' || (reason ?? '').length > 0, `seed ${seed}, ${actor}`).toBe(true);
    // A build that still runs is one that a letter speaks of.
    const told = (await rig.letters()).map(({ id }) => id);
    if (rig.backend.running().includes(`b-${actor.replace('/', '-')}`)) expect(told, `seed ${seed}`).toContain(`${actor}/gave-up`);
  }
}
