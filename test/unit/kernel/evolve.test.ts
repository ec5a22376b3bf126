import { describe, expect, it } from 'vitest';
import { assign, createMachine, enqueueActions, fromPromise, log, raise, sendParent, sendTo, setup, type AnyStateMachine } from 'xstate';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { evolve } from '../../../src/kernel/evolve.ts';
import { actorRef } from '../../../src/kernel/refs.ts';
import { contextOf, hasEnded, outputOf, statusOf, valueOf, waitingFor } from '../../../src/kernel/status.ts';
import { boom, bytes, codeOf, create, effectOf, fact, fire, next, put } from './support/drive.ts';
import { child, zoo } from './support/zoo.ts';

const never = fromPromise<unknown, unknown>(() => Promise.reject(new Error('not here')));
const define = (machine: AnyStateMachine): Definition => defineMachine({ machine, version: '1' });
const kinds = (effects: readonly { kind: string }[]): string[] => effects.map(({ kind }) => kind);

describe('evolve', () => {
  it('given a command the chart takes, then the effects come in order, each under the id of its record', () => {
    const paying = put(create(zoo.order), 'pay', { amount: 12 }, 'cmd-1', 2_000_000);
    expect(paying.effects).toEqual([
      { kind: 'action.run', id: '2:0', action: 'print', params: { amount: 12 } },
      { kind: 'event.emit', id: '2:1', event: { type: 'paying', by: 'card' } },
      { kind: 'timer.set', id: '2:2', timer: expect.stringMatching(/^after-60000-order-charging-/) as string, due: 2_060_000 },
      { kind: 'timer.set', id: '2:3', timer: expect.stringMatching(/^after-slow-order-charging-[0-9a-f]{12}$/) as string, due: 2_002_000 },
      { kind: 'activity.start', id: '2:4', activity: 'charge', src: 'charge', input: { tries: 1 } },
    ]);
    expect(paying.state.taken.at('cmd-1')).toBe(2);
    expect(statusOf(zoo.order, paying.state)).toBe('running');
    expect(waitingFor(paying.state).map(({ kind }) => kind)).toEqual(['activity', 'timer', 'timer', 'timer']);
  });

  it('given an activity that completes, then its timers go, the chart moves on, and its state is not stopped twice', () => {
    const paying = put(create(zoo.order), 'pay', { amount: 12 });
    const paid = fact(paying, 'activity.completed', { activity: 'charge', effect: effectOf(paying, 'activities', 'charge'), output: null });
    expect(valueOf(paid.state)).toBe('paid');
    expect(kinds(paid.effects)).toEqual(['timer.cancel', 'timer.cancel', 'timer.set']);
    expect(contextOf(paid.state)).toMatchObject({ paid: true });
  });

  it('given a delay longer than 2^31 ms, then the timer is due when it should be', () => {
    const { effects, log } = create(zoo.order);
    expect(effects).toEqual([{ kind: 'timer.set', id: '1:0', timer: 'reminder', due: (log[0]?.at ?? 0) + 3_000_000_000 }]);
  });

  it('given a state that is re-entered, then its timer is replaced, its activity starts anew, and the old ones are stale', () => {
    const paying = put(create(zoo.order), 'pay', { amount: 12 });
    const [oldTimer, oldRun] = [effectOf(paying, 'timers', 'slow'), effectOf(paying, 'activities', 'charge')];
    const again = put(paying, 'again');
    expect(kinds(again.effects)).toEqual(['activity.abort', 'timer.set', 'timer.set', 'activity.start']);
    expect(again.effects[0]).toMatchObject({ target: oldRun, awaited: false });
    expect(effectOf(again, 'timers', 'slow')).not.toBe(oldTimer);
    expect(codeOf(() => put(again, 'timer.fired', { timer: paying.state.timers[oldTimer]?.timer ?? '', effect: oldTimer }))).toBe('stale_effect');
    expect(codeOf(() => fact(again, 'activity.completed', { activity: 'charge', effect: oldRun, output: null }))).toBe('stale_effect');
    expect(codeOf(() => fact(again, 'activity.failed', { activity: 'charge', effect: oldRun, error: boom }))).toBe('stale_effect');
    expect(valueOf(again.state)).toBe('charging');
  });

  it('given abort, then the chart stays, the activity is marked, its end is awaited, and asking again does nothing', () => {
    const paying = put(create(zoo.order), 'pay', { amount: 12 });
    const run = effectOf(paying, 'activities', 'charge');
    const stopping = put(paying, 'stop');
    expect(stopping.effects).toEqual([{ kind: 'activity.abort', id: '3:0', activity: 'charge', target: run, awaited: true }]);
    expect(stopping.state.activities[run]?.aborting).toBe(true);
    expect(valueOf(stopping.state)).toBe('charging');
    expect(put(stopping, 'stop').effects).toEqual([]);
    const ended = fact(stopping, 'activity.failed', { activity: 'charge', effect: run, error: { ...boom, code: 'aborted' } });
    expect(valueOf(ended.state)).toBe('open');
    expect(kinds(ended.effects)).not.toContain('activity.abort');
  });

  it('given abort in its plain form with parameters made by a function, then it aborts the same', () => {
    const machine = createMachine({
      id: 'plain', types: {} as { context: { which: string } }, context: { which: 'work' }, invoke: { id: 'work', src: 'work' },
      on: { stop: { actions: { type: 'millrace.abort', params: ({ context }: { context: { which: string } }) => ({ id: context.which }) } } },
    }, { actors: { work: never } });
    expect(kinds(put(create(define(machine)), 'stop').effects)).toEqual(['activity.abort']);
  });

  it('given a timer that fires, then its event is taken; a delayed send becomes a command when it is due', () => {
    const reminded = fire(create(zoo.order), 'reminder');
    expect(reminded.effects).toEqual([{ kind: 'command.send', id: '2:0', to: 'mailer/m1', command: 'mail', data: { about: 'reminder' } }]);
    const paying = put(create(zoo.order), 'pay', { amount: 12 });
    const paid = fact(paying, 'activity.completed', { activity: 'charge', effect: effectOf(paying, 'activities', 'charge'), output: null });
    const refunding = put(paid, 'refund');
    expect(kinds(refunding.effects)).toEqual(['timer.set']);
    const sent = fire(refunding, 'refund');
    expect(sent.effects).toEqual([{ kind: 'command.send', id: '5:0', to: 'bank/b1', command: 'refund', data: {} }]);
    expect(sent.state.timers).not.toHaveProperty(effectOf(refunding, 'timers', 'refund'));
  });

  it('given cancel of a pending timer, then it goes; of one that is gone, then nothing happens', () => {
    const quiet = put(create(zoo.order), 'quiet');
    expect(quiet.effects).toEqual([{ kind: 'timer.cancel', id: '2:0', timer: 'reminder', target: '1:0' }]);
    expect(put(quiet, 'quiet').effects).toEqual([]);
  });

  it('given events raised with a delay and no id, then each waits by itself', () => {
    const machine = createMachine({ id: 'm', context: { n: 0 }, on: { later: { actions: raise({ type: 'now' }, { delay: 10 }) }, now: { actions: assign({ n: ({ context }) => (context as { n: number }).n + 1 }) } } });
    const two = put(put(create(define(machine)), 'later'), 'later');
    expect(Object.keys(two.state.timers)).toEqual(['2:0', '3:0']);
    expect(contextOf(fire(fire(two, 'now'), 'now').state)).toEqual({ n: 2 });
  });

  it('given a child machine, then it starts before it is spoken to, under a name of its own, and its end moves the chart', () => {
    const busy = put(create(zoo.boss), 'hire');
    const name = 'unit/boss--a1--unit--2-0';
    expect(busy.effects).toEqual([
      { kind: 'child.start', id: '2:0', child: 'unit', actor: name, input: { task: 'x' } },
      { kind: 'command.send', id: '2:1', to: name, command: 'hello', data: { n: 1 } },
    ]);
    expect(put(busy, 'tell').effects).toEqual([{ kind: 'command.send', id: '3:0', to: name, command: 'go', data: {} }]);
    expect(put(busy, 'ask').effects).toEqual([{ kind: 'child.stop', id: '3:0', child: 'unit', actor: name, target: '2:0', awaited: true }]);
    expect(put(busy, 'fire').effects).toEqual([{ kind: 'child.stop', id: '3:0', child: 'unit', actor: name, target: '2:0', awaited: false }]);
    expect(valueOf(fact(busy, 'child.completed', { child: 'unit', effect: '2:0', output: 1 }).state)).toBe('idle');
    expect(valueOf(fact(busy, 'child.failed', { child: 'unit', effect: '2:0', error: boom }).state)).toBe('sad');
    const rehired = put(put(busy, 'fire'), 'hire');
    expect(codeOf(() => fact(rehired, 'child.completed', { child: 'unit', effect: '2:0', output: 1 }))).toBe('stale_effect');
  });

  it('given a chart that ends, then what is left of it ends too, and its parent is told', () => {
    const parent = { actor: 'boss/b1', effect: '2:0' } as const;
    const done = put(create(child, {}, parent), 'go');
    expect(done.effects).toEqual([{ kind: 'parent.tell', id: '2:0', parent: 'boss/b1', effect: '2:0', outcome: { ok: true, output: null } }]);
    expect(statusOf(child, done.state)).toBe('completed');

    const machine = setup({ actors: { work: never } }).createMachine({
      id: 'left', initial: 'a', entry: raise({ type: 'x' }, { delay: 5, id: 'late' }), output: { fine: true },
      states: { a: { invoke: { id: 'one', src: 'work' }, on: { end: 'b' } }, b: { type: 'final' } }, invoke: { id: 'two', src: 'work' },
    });
    const ended = put(create(define(machine)), 'end');
    expect(kinds(ended.effects)).toEqual(['activity.abort', 'activity.abort', 'timer.cancel']);
    expect([ended.state.activities, ended.state.timers]).toEqual([{}, {}]);
    expect(outputOf(ended.state)).toEqual({ fine: true });
  });

  it('given a failure nobody handles, then the chart has failed with it, its timers are cancelled and its parent hears why', () => {
    const machine = setup({ actors: { work: never } }).createMachine({ id: 'frail', invoke: { id: 'work', src: 'work' }, after: { 1000: { actions: log('late') } }, on: { '*': { actions: log('any') } } });
    const running = create(define(machine), {}, { actor: 'boss/b1', effect: '9:9' });
    const failed = fact(running, 'activity.failed', { activity: 'work', effect: effectOf(running, 'activities', 'work'), error: boom });
    expect(statusOf(running.definition, failed.state)).toBe('failed');
    expect(failed.effects).toEqual([
      { kind: 'timer.cancel', id: '2:0', timer: expect.stringContaining('after-1000') as string, target: expect.any(String) as string },
      { kind: 'parent.tell', id: '2:1', parent: 'boss/b1', effect: '9:9', outcome: { ok: false, error: boom } },
    ]);
    expect(codeOf(() => put(failed, 'anything'))).toBe('actor_ended');
  });

  it('given a wildcard, then it takes commands, and neither a timer, an end, a finished region nor a failure', () => {
    const machine = setup({ types: {} as { context: { n: number } }, actors: { work: never } }).createMachine({
      id: 'wild', context: { n: 0 }, initial: 'a', on: { '*': { actions: assign({ n: ({ context }) => context.n + 1 }) } },
      states: { a: { invoke: { id: 'work', src: 'work' }, initial: 'x', states: { x: { on: { fin: 'y' } }, y: { type: 'final' } } } },
    });
    const wild = create(define(machine));
    expect(contextOf(put(wild, 'whatever').state)).toEqual({ n: 1 });
    expect(contextOf(put(wild, 'fin').state)).toEqual({ n: 0 });
    expect(contextOf(fact(wild, 'activity.completed', { activity: 'work', effect: effectOf(wild, 'activities', 'work'), output: 1 }).state)).toEqual({ n: 0 });
    expect(hasEnded(fact(wild, 'activity.failed', { activity: 'work', effect: effectOf(wild, 'activities', 'work'), error: boom }).state)).toBe(true);
  });

  it('given a systemId, then re-entering takes it again, and two at once are refused wherever the state came from', () => {
    const works = create(zoo.works);
    expect(kinds(put(works, 'restart').effects)).toContain('activity.start');
    const invoke = { src: 'work', systemId: 'same' } as const;
    const twice = setup({ actors: { work: never } }).createMachine({ id: 'twice', initial: 'a', states: { a: { invoke: { ...invoke, id: 'one' }, initial: 'x', states: { x: { on: { go: 'y' } }, y: { invoke: { ...invoke, id: 'two' } } } } } });
    const one = create(define(twice));
    expect(codeOf(() => put(one, 'go'))).toBe('chart_threw');
    expect(codeOf(() => put(one, 'go'))).toBe('chart_threw');
  });

  it('given an activity that starts and is left in the same record, then nobody ever hears of it', () => {
    const machine = setup({ actors: { work: never } }).createMachine({ id: 'brief', initial: 'a', states: { a: { on: { go: 'b' } }, b: { invoke: { id: 'w', src: 'work' }, after: { 9: 'a' }, always: 'c' }, c: {} } });
    const gone = put(create(define(machine)), 'go');
    expect(gone.effects).toEqual([]);
    expect([gone.state.activities, gone.state.timers]).toEqual([{}, {}]);
  });

  it('given sendParent, then the parent gets a command; without a parent the chart threw', () => {
    const machine = createMachine({ id: 'kid', on: { up: { actions: sendParent({ type: 'hi', n: 1 }) } } });
    const definition = define(machine);
    expect(put(create(definition, {}, { actor: 'boss/b1', effect: '2:0' }), 'up').effects).toEqual([{ kind: 'command.send', id: '2:0', to: 'boss/b1', command: 'hi', data: { n: 1 } }]);
    expect(codeOf(() => put(create(definition), 'up'))).toBe('chart_threw');
  });

  it('given a command whose data names a type, then the record\'s own type counts', () => {
    expect(valueOf(put(create(child), 'go', { type: 'nonsense' }).state)).toBe('b');
  });
});

describe('what evolve refuses', () => {
  const order = create(zoo.order);
  const refusal = (change: Partial<ReturnType<typeof next>>): string =>
    codeOf(() => evolve(zoo.order, order.state, { ...next(zoo.order, order.state, 'note'), ...change }));

  it.each([
    ['a record of another actor', { actor: 'order/other' as const }, 'wrong_actor'],
    ['a record out of turn', { seq: 3 }, 'wrong_seq'],
    ['a record seen before', { seq: 1 }, 'wrong_seq'],
    ['a second creation', { type: 'actor.created', data: { input: {} } }, 'already_created'],
    ['a type nobody knows', { type: 'activity.exploded' }, 'unknown_record'],
    ['XState\'s own event as a record', { type: 'xstate.done.actor.charge' }, 'unknown_record'],
    ['a name that is no token', { type: 'no te' }, 'unknown_record'],
    ['a command the chart cannot take', { type: 'refund' }, 'command_refused'],
    ['a command whose guard says no', { type: 'pay', data: { amount: 1 } }, 'command_refused'],
    ['a command id taken before', { cause: 'c1' }, 'already_taken'],
    ['an activity that never ran', { type: 'activity.completed', data: { activity: 'charge', effect: '1:9', output: null } }, 'stale_effect'],
    ['a timer under another name', { type: 'timer.fired', data: { timer: 'other', effect: '1:0' } }, 'stale_effect'],
    ['another definition', { machine: { name: 'order', version: '2', hash: 'x'.repeat(64) } }, 'definition_differs'],
    ['data that is no JSON', { data: { when: new Date(0) } as never }, 'data_not_json'],
  ])('given %s, then it is refused by name and nothing changes', (_, change, code) => {
    const before = bytes(order.state);
    expect(refusal(change)).toBe(code);
    expect(bytes(order.state)).toBe(before);
  });

  it('given a log that does not begin with its creation, then it is refused', () => {
    expect(codeOf(() => evolve(zoo.order, undefined, next(zoo.order, undefined, 'pay', { amount: 20 })))).toBe('not_created');
  });

  const wrong = setup({ actors: { work: never } }).createMachine({
    id: 'wrong', context: { list: [1], at: 0 as unknown, trouble: false }, initial: 'a',
    states: {
      a: {
        on: {
          date: { actions: assign({ at: () => ({ inner: [new Date(0)] }) }) },
          nan: { actions: assign({ at: () => Number.NaN }) },
          proto: { actions: assign({ at: () => JSON.parse('{"__proto__":1}') as unknown }) },
          mutate: { actions: assign(({ context }) => { (context.list as number[]).push(2); return {}; }) },
          thrower: { actions: assign({ at: () => { throw new Error('oops'); } }) },
          guarded: { guard: () => { throw new Error('guard oops'); }, target: 'b' },
          spin: 'spinning',
          spawn: { actions: assign({ at: ({ spawn }) => { spawn('work', { id: 'hidden' }); return 1; } }) },
          inline: { actions: enqueueActions(({ enqueue }) => { enqueue(() => undefined); }) },
          nobody: { actions: sendTo('ghost', { type: 'x' }) },
          badevent: { actions: sendTo(actorRef('a/b'), { type: 'x.y' }) },
          badname: { actions: sendTo(() => actorRef('a.b'), { type: 'x' }) },
          badsend: { actions: sendTo(actorRef('a/b'), { type: 'x', f: () => 1 }) },
          baddelay: { actions: raise({ type: 'x' }, { delay: Number.NaN }) },
          badinput: 'input', talk: 'talking', output: 'end',
        },
      },
      b: {}, spinning: { always: 'spun' }, spun: { always: 'spinning' },
      input: { invoke: { id: 'w', src: 'work', input: () => new Map() } },
      talking: { invoke: { id: 'w', src: 'work' }, on: { say: { actions: sendTo('w', { type: 'x' }) } } },
      end: { type: 'final' },
    },
    output: () => new Set([1]),
  });
  const actor = create(define(wrong));

  it.each([
    ['date', 'context_not_json'], ['nan', 'context_not_json'], ['proto', 'context_not_json'], ['mutate', 'chart_threw'], ['thrower', 'chart_threw'], ['guarded', 'chart_threw'],
    ['spin', 'endless_transition'], ['spawn', 'spawn_in_assign'], ['inline', 'inline_action'], ['nobody', 'chart_threw'], ['badevent', 'bad_event_name'],
    ['badname', 'bad_actor_name'], ['badsend', 'event_not_json'], ['baddelay', 'bad_delay'], ['badinput', 'input_not_json'], ['output', 'output_not_json'],
  ])('given a chart that goes wrong on "%s", then it is %s and the state is untouched', (command, code) => {
    const before = bytes(actor.state);
    expect(codeOf(() => put(actor, command))).toBe(code);
    expect(bytes(actor.state)).toBe(before);
  });

  it('given a context that is no JSON, then the error says where', () => {
    expect(() => put(actor, 'date')).toThrow(/at\.inner\[0\] is a Date/);
  });

  it('given an event for an activity, then it is refused by name', () => {
    expect(codeOf(() => put(put(actor, 'talk'), 'say'))).toBe('bad_send_target');
  });

  it('given a first step that throws, then the creation is refused and not an actor in error', () => {
    const machine = createMachine({ id: 'early', context: ({ input }: { input: unknown }) => ({ n: (input as { deep: { n: number } }).deep.n }) });
    expect(codeOf(() => create(define(machine)))).toBe('chart_threw');
  });
});
