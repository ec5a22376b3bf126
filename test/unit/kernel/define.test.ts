import { describe, expect, it } from 'vitest';
import { and, assign, createMachine, fromCallback, fromObservable, fromPromise, fromTransition, not, setup, spawnChild, type AnyActorLogic, type AnyStateMachine } from 'xstate';
import { activity } from '../../../src/kernel/activity.ts';
import { defineMachine, type MachineOptions } from '../../../src/kernel/define.ts';
import { codeOf } from './support/drive.ts';
import { child, order } from './support/zoo.ts';

const never = fromPromise<unknown, unknown>(() => Promise.reject(new Error('not here')));
const machine = (config: object, actors: Record<string, unknown> = { work: never }, rest: object = {}): AnyStateMachine =>
  setup({ actors: actors as Record<string, AnyActorLogic>, ...rest }).createMachine({ id: 'm', ...config } as never) as unknown as AnyStateMachine;
const codeFor = (config: object, actors?: Record<string, unknown>, options: Partial<MachineOptions> = {}): string =>
  codeOf(() => defineMachine({ machine: machine(config, actors), version: '1', ...options }));

const invoke = (more: object = {}): object => ({ invoke: { id: 'w', src: 'work', ...more } });

describe('defineMachine', () => {
  it.each<[string, string, object, Record<string, unknown>?, Partial<MachineOptions>?]>([
    ['a callback', 'not_durable_logic', invoke(), { work: fromCallback(() => undefined) }],
    ['an observable', 'not_durable_logic', invoke(), { work: fromObservable(() => ({ subscribe: () => ({ unsubscribe: () => undefined }) })) }],
    ['transition logic', 'not_durable_logic', invoke(), { work: fromTransition((state: unknown) => state, {}) }],
    ['logic made by hand', 'not_durable_logic', invoke(), { work: { config: () => undefined, transition: (state: unknown) => state } }],
    ['a machine that is not made durable', 'missing_child', invoke(), { work: createMachine({ id: 'c' }) }],
    ['inline logic in an invoke', 'inline_logic', invoke({ src: never })],
    ['an invoke without an id', 'invoke_without_id', { invoke: { src: 'work' } }],
    ['an invoke id with dots', 'bad_invoke_id', invoke({ id: 'a.b' })],
    ['an invoke of nothing', 'missing_activity', invoke({ src: 'other' })],
    ['onSnapshot', 'invoke_on_snapshot', invoke({ onSnapshot: { actions: 'x' } })],
    ['one invoke id twice at once', 'duplicate_invoke_id', { ...invoke(), initial: 'a', states: { a: invoke() } }],
    ['one invoke id in two regions', 'duplicate_invoke_id', { type: 'parallel', states: { a: invoke(), b: { initial: 'c', states: { c: invoke() } } } }],
    ['an inline action', 'inline_action', { entry: () => undefined }],
    ['an inline action of a transition', 'inline_action', { on: { go: { actions: [assign({}), function shout() { /* nothing */ }] } } }],
    ['an inline action after a failure', 'inline_action', invoke({ onError: { actions: () => undefined } })],
    ['an inline action of an initial transition', 'inline_action', { initial: { target: 'a', actions: () => undefined }, states: { a: {} } }],
    ['a spawn without an id', 'spawn_without_id', { entry: spawnChild('work') }],
    ['a spawn of inline logic', 'inline_logic', { entry: spawnChild(never, { id: 'x' }) }],
    ['a spawn of nothing', 'missing_activity', { entry: spawnChild('ghost', { id: 'x' }) }],
    ['a dotted event', 'bad_event_name', { on: { 'a.b': {} } }],
    ['a reserved event', 'bad_event_name', { on: { 'xstate.done.actor.w': {} } }],
    ['a partial wildcard', 'bad_event_name', { on: { 'activity.*': {} } }],
    ['a guard nobody wrote', 'missing_guard', { on: { go: { guard: and(['x', not('y')]) } } }],
    ['a delay nobody gave', 'missing_delay', { after: { soon: {} } }],
    ['a context that is no JSON', 'context_not_json', { context: { at: new Date(0) } }],
    ['a made context that is no JSON', 'context_not_json', { context: () => ({ map: new Map() }) }],
    ['a spawn in the context', 'spawn_in_assign', { entry: assign({ x: ({ spawn }: { spawn: (src: string, options: object) => unknown }) => { spawn('work', { id: 'y' }); return 1; } }), context: {} }],
    ['an endless always', 'endless_transition', { initial: 'a', states: { a: { always: 'b' }, b: { always: 'a' } } }],
    ['a name that is no token', 'bad_machine_name', {}, undefined, { name: 'my machine' }],
    ['a version that is no token', 'bad_version', {}, undefined, { version: '1.0' }],
    ['a creating command that is no token', 'bad_command_name', {}, undefined, { createdBy: 'actor.created' }],
    ['a src given twice', 'duplicate_src', {}, undefined, { activities: { work: async () => 1 }, children: { work: child } }],
  ])('given %s, then it is refused as %s', (_, code, config, actors, options) => {
    expect(codeFor(config, actors, options)).toBe(code);
  });

  it('given what is pure, then inline guards, delays and XState\'s own actions are fine', () => {
    const config = { context: {}, on: { '*': { guard: () => true, actions: assign({}) } }, after: { 5: { guard: () => false, actions: 'unknown' } }, initial: 'a', states: { a: { ...invoke(), on: { go: 'b' } }, b: invoke() } };
    expect(codeFor(config)).toBe('nothing was thrown');
  });

  it('given a context that needs input, then it is judged when an actor is made', () => {
    expect(codeFor({ context: ({ input }: { input: { n: number } }) => ({ n: input.n }) })).toBe('nothing was thrown');
  });

  it('given code in the machine and beside it, then every src has its code, and the given one wins', async () => {
    const given = async (): Promise<string> => 'given';
    const definition = defineMachine({
      machine: machine(invoke(), { work: activity(async ({ input, key }: { input: unknown; key: string }) => `${String(input)} ${key}`), other: never }),
      version: '1', activities: { other: given },
    });
    expect(definition.activities.other).toBe(given);
    expect(await definition.activities.work?.({ input: 'in', key: 'order/o1#2:0' } as never)).toBe('in order/o1#2:0');
  });

  it('given named actions, then only the user\'s own functions are run by the host', () => {
    const definition = defineMachine({ machine: order, version: '1' });
    expect(Object.keys(definition.actions)).toEqual(['print']);
  });

  it('given the same shape, then the hash is the same; given another state, delay, assign or version, then it differs', () => {
    const hash = (config: object, version = '1'): string => defineMachine({ machine: machine(config), version }).stamp.hash;
    const base = { initial: 'a', context: { n: 0 }, states: { a: { after: { 10: 'b' }, entry: assign({ n: 1 }) }, b: {} } };
    expect(hash(base)).toMatch(/^[0-9a-f]{64}$/);
    expect(hash({ states: base.states, context: { n: 0 }, initial: 'a' })).toBe(hash(base));
    const others = [
      hash(base, '2'),
      hash({ ...base, states: { ...base.states, c: {} } }),
      hash({ ...base, states: { ...base.states, a: { ...base.states.a, after: { 11: 'b' } } } }),
      hash({ ...base, states: { ...base.states, a: { ...base.states.a, entry: assign({ n: 2 }) } } }),
    ];
    expect(new Set([hash(base), ...others]).size).toBe(5);
  });

  it('given a machine, when it is registered, then the machine itself is left as it was', () => {
    const mine = machine({ on: { '*': { actions: assign({}) } } });
    defineMachine({ machine: mine, version: '1' });
    expect(mine.options.maxIterations).toBe(Infinity);
    expect(mine.root.transitions.get('*')?.[0]?.guard).toBeUndefined();
  });
});
