import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Definition } from '../../../src/kernel/definition.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import { timeline, type Timeline } from '../../../src/projections/chart/time/timeline.ts';
import { makeWorld } from '../../support/world.ts';
import { makeBackend, type Backend } from '../run/support/backend.ts';
import { Play } from '../saga/support/play.ts';
import { abc, plain, saga, terminal } from '../saga/support/specs.ts';

const none = z.object({});
const minute = 60_000;

/** A saga whose one step is a build at a runner that can pause, ten seconds on its way. */
async function building() {
  const run = runDefinition({ runners: () => backend.pausable });
  const definition = defineSaga({
    name: 'ship', version: '1', input: none,
    steps: [step({
      name: 'make', needs: none, gives: none, child: run, childInput: () => ({ runner: 'fake', head: [{ uri: 'source:x' }] }),
      settle: (output: unknown) => ((output as { status: string }).status === 'succeeded' ? { ok: true, gives: {} } : { ok: false, error: { name: 'TerminalError', code: 'build_failed', message: 'it failed', retryable: false } }),
    } as never)],
  });
  const world = makeWorld([definition, run]);
  const backend: Backend = makeBackend(world.clock, { status: ({ ranMs }) => (ranMs > minute ? 'succeeded' : 'running') });
  await world.host();
  await world.send('ship/s1', 'create');
  await world.clock.advance(10_000);
  const ask = async (command: string, thenMs: number): Promise<void> => {
    await world.send('ship/s1', command);
    await world.clock.advance(thenMs);
  };
  return { world, ask, time: () => timeline(definition, world.records('ship/s1')) };
}

const laneIn = (time: Timeline, upTo = time.length) => {
  const [lane] = time.waterfall(upTo).lanes;
  return { status: lane?.status, bars: lane?.bars.map(({ kind, attempt, end }) => `${kind} ${attempt} ${end}`) };
};

describe('a step that stands still', () => {
  it('given a build whose child is stopped, then its bar has ended there and a standstill goes on; when it is started, it goes on as the same attempt', async () => {
    const { world, ask, time } = await building();
    await ask('stop', 9 * minute);
    expect(laneIn(time())).toEqual({ status: 'stopped', bars: ['child 1 stopped', 'stopped 1 running'] });
    await ask('start', 10_000);
    expect(laneIn(time())).toEqual({ status: 'running', bars: ['child 1 stopped', 'stopped 1 fired', 'child 1 running'] });
    const [worked, stood, again] = time().waterfall().lanes[0]?.bars ?? [];
    expect([worked?.to, stood?.to]).toEqual([stood?.from, again?.from]);
    expect((stood?.to ?? 0) - (stood?.from ?? 0)).toBeGreaterThan(8.9 * minute);
    await world.clock.runUntil(() => world.ended('ship/s1'), 5 * minute);
    expect(laneIn(time())).toEqual({ status: 'done', bars: ['child 1 stopped', 'stopped 1 fired', 'child 1 done'] });
    expect(laneIn(time(), stood?.fromSeq)).toEqual({ status: 'stopped', bars: ['child 1 stopped', 'stopped 1 running'] });
  });

  it.each([['that runs', []], ['that is stopped', ['stop']]])('given a build %s, when it is cancelled, then the bar of its child was ended on request, and so its step', async (_, before) => {
    const { world, ask, time } = await building();
    for (const command of before) await ask(command, minute);
    await world.send('ship/s1', 'cancel');
    await world.clock.runUntil(() => world.ended('ship/s1'), 5 * minute);
    const { status, bars } = laneIn(time());
    expect([status, bars?.at(-1)?.split(' ').at(-1)]).toEqual(['cancelled', 'aborted']);
    expect(time().waterfall().lanes[0]?.bars.filter(({ end }) => end === 'failed' || end === 'running')).toEqual([]);
  });

  it('given a child that is blocked, then its lane stands still until it goes on', () => {
    const make = step({
      name: 'make', needs: none, gives: none, child: { stamp: { name: 'run', version: '1', hash: 'x' } } as unknown as Definition,
      childInput: () => ({}), settle: () => ({ ok: true, gives: {} }),
    });
    const play = new Play(saga(make));
    const effect = play.running.get('make')?.effect as string;
    const time = timeline(play.definition, play.log);
    const next = { actor: 'demo/d1', machine: play.definition.stamp, chain: '' } as const;
    const told = { child: 'make', effect, seq: 4 };
    time.append({ ...next, seq: 2, at: 2000, type: 'child.blocked', cause: 'b', data: { ...told, blocked: { actor: 'run/r', reason: 'stuck', commands: [] } } });
    expect(laneIn(time)).toEqual({ status: 'blocked', bars: ['child 1 stopped', 'blocked 1 running'] });
    time.append({ ...next, seq: 3, at: 3000, type: 'child.stopped', cause: 's', data: { ...told, seq: 5 } });
    time.append({ ...next, seq: 4, at: 4000, type: 'child.resumed', cause: 'r', data: { ...told, seq: 6 } });
    expect(laneIn(time)).toEqual({ status: 'running', bars: ['child 1 stopped', 'blocked 1 fired', 'stopped 1 fired', 'child 1 running'] });
  });

  it('given a saga that is paused between two attempts, and one whose undo is stuck, then that time is drawn in the step\'s lane', () => {
    const paused = new Play(abc());
    paused.send('stop');
    paused.fail('a').send('start');
    expect(laneIn(timeline(paused.definition, paused.log), 3)).toEqual({ status: 'stopped', bars: ['run 1 aborted', 'stopped 1 running'] });
    expect(laneIn(timeline(paused.definition, paused.log))).toEqual({ status: 'running', bars: ['run 1 aborted', 'stopped 1 fired', 'run 2 running'] });
    const stuck = new Play(saga(plain('a'), plain('b')));
    stuck.done('a').fail('b', terminal).done('undo-b').fail('undo-a', terminal);
    expect(laneIn(timeline(stuck.definition, stuck.log))).toEqual({ status: 'undo-failed', bars: ['run 1 done', 'undo 1 failed', 'blocked 1 running'] });
    stuck.send('retry-undo');
    expect(laneIn(timeline(stuck.definition, stuck.log)).bars).toEqual(['run 1 done', 'undo 1 failed', 'blocked 1 fired', 'undo 2 running']);
  });
});
