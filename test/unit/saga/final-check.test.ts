import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { targetChanged } from '../../../src/machines/saga/target-changed.ts';
import { step, type Step, type StepScope } from '../../../src/machines/saga/step.ts';
import type { SagaContext } from '../../../src/machines/saga/types.ts';
import { contextOf, outputOf } from '../../../src/kernel/status.ts';
import { makeWorld } from '../../support/world.ts';
import { Play } from './support/play.ts';
import { abc } from './support/specs.ts';

const aborted = { code: 'aborted', retryable: false };
const checked = { check: async () => undefined } as never;
const changed = { name: 'TerminalError', code: 'target_changed', message: 'it is not as it was planned any more: column "age" is a text now', retryable: false };
const notYet = { found: false, gives: null };

/** Stopped in b; b and c have a check. */
function stoppedInB(): Play {
  const play = new Play(abc({ b: checked, c: checked }));
  play.done('a').done('check-b', notYet).send('stop');
  return play.fail('b', aborted);
}

describe('the final check', () => {
  it('given a stopped saga, when it is started, then every step that is left and can say so is asked before anything is applied again', () => {
    const play = stoppedInB();
    play.send('start', { by: 'bob' });
    expect(play.value).toEqual({ work: { b: { finalCheck: 'active' } }, control: 'starting' });
    expect(play.running.get('final-check-b')?.input).toEqual({ asks: [{ step: 'c', needs: {}, attempt: 0 }] });
    play.done('final-check-b', { found: {} }).done('check-b', notYet);
    expect(play.requests.at(-1)).toMatchObject({ command: 'start', state: 'completed', detail: 'goes on with b' });
    expect(play.story).toEqual(['a', 'check-b', 'b', 'abort b', 'final-check-b', 'check-b', 'b']);
  });

  it('given what is left was done meanwhile, when the saga is started, then it is recorded and not run, and somebody else did it', () => {
    const play = stoppedInB();
    play.send('start');
    play.done('final-check-b', { found: { c: {} } }).done('check-b', { found: true, gives: {} });
    expect(play.output.status).toBe('completed');
    expect(play.story.filter((id) => id === 'b' || id === 'c')).toEqual(['b']);
    expect(play.context.steps['c']).toMatchObject({ status: 'done', foundDone: true, applied: 'no' });
    expect(play.requests.at(-1)).toMatchObject({ command: 'start', state: 'completed', detail: 'nothing was left to do: it is completed' });
  });

  it('B7.11: given the target of a later step changed, when the saga is started, then nothing is applied, it stays stopped, and the request says what differs, in one record', () => {
    const play = stoppedInB();
    play.send('start', { by: 'bob' });
    const before = play.log.length;
    play.fail('final-check-b', changed);
    expect([play.log.length, play.status, play.value.control]).toEqual([before + 1, 'stopped', 'stopped']);
    expect(play.requests.at(-1)).toMatchObject({ command: 'start', by: 'bob', state: 'failed', code: 'target_changed', detail: changed.message });
    expect(play.story.filter((id) => id === 'b')).toEqual(['b']);
    expect(play.context.refused).toMatchObject({ code: 'target_changed' });
    // Put back as it was, it can be started.
    expect(play.send('start')).toBe(true);
    expect(play.context.refused).toBeNull();
    play.done('final-check-b', { found: {} }).done('check-b', notYet).done('b').done('check-c', notYet).done('c');
    expect(play.output.status).toBe('completed');
  });

  it('B7.11: given the target of the next step changed between the final check and its run, when its own check says so, then the start is refused all the same', () => {
    const play = stoppedInB();
    play.send('start');
    play.done('final-check-b', { found: {} }).fail('check-b', changed);
    expect([play.status, play.requests.at(-1)?.code]).toEqual(['stopped', 'target_changed']);
  });

  it('B7.11: given the target changed while nobody asked for a start, when the check says so, then the step fails and the saga is undone', () => {
    const play = new Play(abc({ b: checked }));
    play.done('a').fail('check-b', changed);
    play.done('undo-a');
    expect(play.output).toMatchObject({ status: 'failed', error: { code: 'target_changed' }, undone: ['a'] });
  });

  it.each(['stop', 'cancel'])('given the final check is under way, when %s comes, then its end is awaited and nothing is applied', (command) => {
    const play = stoppedInB();
    play.send('start');
    play.send(command);
    expect(play.requests.find((request) => request.command === 'start')?.state).toBe(command === 'stop' ? 'failed' : 'pending');
    play.fail('final-check-b', aborted);
    if (command === 'stop') expect([play.status, play.requests.at(-1)?.state]).toEqual(['stopped', 'completed']);
    else expect([...play.running.keys()]).toEqual(['undo-b']);
    expect(play.requests.find((request) => request.command === 'start')?.state).toBe('failed');
    expect(play.story.filter((id) => id === 'b')).toEqual(['b']);
  });
});

describe('a final check on a host', () => {
  const none = z.object({});
  const table = (name: string, world: Map<string, string>, calls: string[]): Step => step({
    name, needs: none, gives: none,
    check: async () => {
      calls.push(`check ${name}`);
      const is = world.get(name) ?? 'absent';
      if (is === 'foreign') throw targetChanged(`table ${name} is not empty`);
      return is === 'there' ? {} : undefined;
    },
    run: async ({ signal, wait }: StepScope<unknown>) => {
      calls.push(`run ${name}`);
      if (name === 'one') await wait(1000);
      signal.throwIfAborted();
      world.set(name, 'there');
      return {};
    },
    undo: async () => { world.delete(name); },
  } as never);

  async function stopped() {
    const target = new Map<string, string>();
    const calls: string[] = [];
    const definition = defineSaga({ name: 'schema', version: '1', input: none, steps: ['one', 'two', 'three'].map((name) => table(name, target, calls)) });
    const world = makeWorld([definition]);
    const { crash } = await world.host();
    await world.send('schema/s1', 'create');
    await world.clock.advance(100);
    await world.send('schema/s1', 'stop');
    await world.clock.advance(100);
    expect(world.status('schema/s1')).toBe('stopped');
    calls.length = 0;
    return { world, target, calls, crash, context: () => contextOf(world.state('schema/s1')) as unknown as SagaContext };
  }

  it('B7.10: given the target has converged meanwhile, when the saga is started, then it completes, no run is called, and the start is completed; also when hosts die at any moment of it', async () => {
    for (let at = 0; at <= 40; at += 4) {
      const { world, target, calls, crash, context } = await stopped();
      for (const name of ['one', 'two', 'three']) target.set(name, 'there');
      await world.send('schema/s1', 'start');
      await world.clock.advance(at);
      crash();
      await world.host();
      await world.clock.advance(60_000);
      expect(outputOf(world.state('schema/s1'))).toMatchObject({ status: 'completed', undone: [] });
      expect(calls.filter((call) => call.startsWith('run'))).toEqual([]);
      expect(context().requests.map(({ command, state }) => `${command} ${state}`)).toEqual(['stop completed', 'start completed']);
    }
  });

  it('B7.11: given a later target changed, when the saga is started, then no run is called, the step is named, and cancel still takes back what there is', async () => {
    const { world, target, calls, context } = await stopped();
    target.set('three', 'foreign');
    await world.send('schema/s1', 'start');
    await world.clock.advance(1000);
    expect(world.status('schema/s1')).toBe('stopped');
    expect(calls).toEqual(['check two', 'check three']);
    expect(context().requests.at(-1)).toMatchObject({ state: 'failed', detail: 'step "three": it is not as it was planned any more: table three is not empty' });
    await world.send('schema/s1', 'cancel');
    await world.clock.advance(1000);
    expect(outputOf(world.state('schema/s1'))).toMatchObject({ status: 'cancelled', undone: ['one'] });
  });
});
