import { describe, expect, it } from 'vitest';
import { createMachine, log, setup } from 'xstate';
import { defineMachine } from '../../../src/kernel/define.ts';
import { judge } from '../../../src/kernel/judge.ts';
import { codeOf, create, put } from './support/drive.ts';
import { child, zoo } from './support/zoo.ts';

describe('judge', () => {
  const open = create(zoo.order);

  it('given a command the chart takes with this data, then it is accepted', () => {
    expect(judge(zoo.order, open.state, 'pay', { amount: 10 })).toEqual({ accepted: true });
  });

  it('given data the guard does not like, then it is refused with the state, a sentence and what would be taken', () => {
    expect(judge(zoo.order, open.state, 'pay', { amount: 9 })).toEqual({
      accepted: false, code: 'command_refused', value: 'open', reason: 'order/a1 cannot take "pay" in open', allowed: ['note', 'quiet', 'remind'],
    });
  });

  it('given a wish in a state that waits, then only commands are offered, never XState\'s own events', () => {
    const charging = put(open, 'pay', { amount: 10 });
    expect(judge(zoo.order, charging.state, 'refund', {})).toMatchObject({ accepted: false, value: 'charging', allowed: ['again', 'stop'] });
  });

  it('given a guard that says no whatever comes, then its command is not offered; one that looks at the data may be', () => {
    const machine = setup({ types: {} as { context: { on: boolean }; events: { type: string; n?: number } } }).createMachine({
      id: 'm', context: { on: false },
      on: {
        never: { guard: ({ context }) => context.on, actions: log('x') }, maybe: { guard: ({ event }) => (event.n ?? 0) > 3, actions: log('x') },
        picky: { guard: ({ event }) => event.n?.toFixed() === '1', actions: log('x') }, forbidden: {}, always: { actions: log('x') },
      },
    });
    const definition = defineMachine({ machine, version: '1' });
    expect(judge(definition, create(definition).state, 'nope', {})).toMatchObject({ allowed: ['always', 'maybe', 'picky'] });
    expect(judge(definition, create(definition).state, 'forbidden', {})).toMatchObject({ accepted: false });
  });

  it('given a machine with words of its own for a refusal, then they are said, with what the state and the command hold; without any it is said as ever', () => {
    const machine = setup({ types: {} as { context: { limit: number }; events: { type: 'take'; n: number } | { type: 'give' } }, guards: { fits: ({ context, event }) => event.type === 'take' && event.n <= context.limit } }).createMachine({
      id: 'm', context: { limit: 3 }, initial: 'open', states: { open: { on: { take: { guard: 'fits', actions: log('x') }, give: { guard: () => false, actions: log('x') } } } },
    });
    const definition = defineMachine({ machine, version: '1', refusals: {
      take: ({ context, value, data }) => (Number(data.n) > 9 ? undefined : { code: 'too_many', reason: `${JSON.stringify({ value, context, data })} is too much` }),
    } });
    const { state } = create(definition);
    expect(judge(definition, state, 'take', { n: 3 })).toEqual({ accepted: true });
    expect(judge(definition, state, 'take', { n: 4 })).toEqual({ accepted: false, code: 'too_many', reason: '{"value":"open","context":{"limit":3},"data":{"n":4}} is too much', value: 'open', allowed: [] });
    expect(judge(definition, state, 'take', { n: 10 })).toMatchObject({ code: 'command_refused', reason: 'm/a1 cannot take "take" in open' });
    expect(judge(definition, state, 'give', {})).toMatchObject({ code: 'command_refused' });
    expect(judge(definition, state, 'constructor', {})).toMatchObject({ code: 'command_refused' });
  });

  it('given a chart with regions, when a command is refused, then the sentence names each region\'s state as people read it', () => {
    const definition = defineMachine({ version: '1', machine: createMachine({
      id: 'par', type: 'parallel', states: { compile: { initial: 'ok', states: { ok: {} } }, deploy: { initial: 'eu', states: { eu: { type: 'parallel', states: { a: { initial: 'up', states: { up: {} } }, b: {} } } } } },
    }) });
    expect(judge(definition, create(definition).state, 'stop', {})).toMatchObject({ reason: 'par/a1 cannot take "stop" in compile.ok + deploy.eu.a.up + deploy.eu.b' });
    const plain = defineMachine({ version: '1', machine: createMachine({ id: 'plain' }) });
    expect(judge(plain, create(plain).state, 'stop', {})).toMatchObject({ reason: 'plain/a1 cannot take "stop"' });
  });

  it('given an ended actor, then nothing is taken, and the refusal says so', () => {
    expect(judge(child, put(create(child), 'go').state, 'go', {})).toEqual({ accepted: false, code: 'actor_ended', value: 'b', reason: 'unit/a1 has ended in b', allowed: [] });
  });

  it.each(['xstate.done.actor.charge', 'activity.completed', 'timer.fired', 'a.b', 'a b', '', '*'])('given the name "%s", then it is no command, even where a wildcard listens', (name) => {
    const definition = defineMachine({ machine: createMachine({ id: 'm', on: { '*': { actions: log('x') } } }), version: '1' });
    expect(judge(definition, create(definition).state, name, {})).toMatchObject({ accepted: false, code: 'bad_command_name' });
  });

  it('given a guard that throws, then the command can never be handled, by name', () => {
    const definition = defineMachine({ machine: createMachine({ id: 'm', on: { go: { guard: () => { throw new Error('oops'); }, actions: log('x') } } }), version: '1' });
    expect(codeOf(() => judge(definition, create(definition).state, 'go', {}))).toBe('chart_threw');
  });
});
