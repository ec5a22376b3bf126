import { describe, expect, it } from 'vitest';
import { chartOf } from '../../../src/projections/chart/chart.ts';
import { litAt } from '../../../src/projections/chart/time/lit.ts';
import { timeline } from '../../../src/projections/chart/time/timeline.ts';
import { choices, whatIf } from '../../../src/projections/chart/time/what-if.ts';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import { freeze } from '../../../src/kernel/freeze.ts';
import { fold } from '../../../src/kernel/replay.ts';
import { boom, codeOf, create, effectOf, fact, fire, put, type Driven } from '../kernel/support/drive.ts';
import { zoo } from '../kernel/support/zoo.ts';
import { Play } from '../saga/support/play.ts';
import { abc, terminal } from '../saga/support/specs.ts';

const charged = (ok: boolean, actor: Driven): Driven => {
  const effect = effectOf(actor, 'activities', 'charge');
  return ok ? fact(actor, 'activity.completed', { activity: 'charge', effect, output: 1 }) : fact(actor, 'activity.failed', { activity: 'charge', effect, error: boom });
};

/** An order whose first charge fails and whose second one is taken. */
const paidOrder = (): Driven => fire(charged(true, put(charged(false, put(create(zoo.order), 'pay', { amount: 20 })), 'pay', { amount: 30 })), '500');

describe('a timeline', () => {
  it('given an order, then each record says what was entered, left and taken, and what was asked for', () => {
    const { log } = paidOrder();
    const line = timeline(zoo.order, log);
    expect(line.length).toBe(6);
    expect(line.at(1)).toMatchObject({ seq: 1, type: 'actor.created', value: 'open', entered: ['order', 'order.open'], left: [], transitions: [], status: 'waiting' });
    expect(line.at(2)).toMatchObject({
      type: 'pay', value: 'charging', entered: ['order.charging'], left: ['order.open'], active: ['order', 'order.charging'], status: 'running',
      transitions: [{ id: 'order.open:0', source: 'order.open', targets: ['order.charging'], event: 'pay' }],
    });
    expect(line.at(2).effects.map(({ kind }) => kind)).toEqual(['action.run', 'event.emit', 'timer.set', 'timer.set', 'activity.start']);
    expect(line.at(3).transitions.map(({ id, event }) => [id, event])).toEqual([['order.charging:3', 'xstate.error.actor.charge']]);
    expect(line.at(6)).toMatchObject({ value: 'closed', status: 'completed', transitions: [{ event: 'xstate.after.500.order.paid' }], waitingFor: [] });
    expect(JSON.parse(JSON.stringify(line.between(1, 6)))).toEqual(line.between(1, 99));
  });

  it('given a raised event and an eventless transition, then every transition on the way is told, in order', () => {
    let actor = create(zoo.counter);
    for (let i = 0; i < 3; i++) actor = put(actor, 'twice');
    const { transitions } = timeline(zoo.counter, actor.log).at(3);
    expect(transitions.map(({ source, event }) => `${source} ${event}`)).toEqual(['counter.rest twice', 'counter.rest add', 'counter.rest add', 'counter.even add']);
  });

  it('given any moment of a log, then its state is the one a whole fold gives', () => {
    const line = timeline(zoo.order, paidOrder().log);
    for (let seq = 1; seq <= 6; seq++) expect(canonicalJson(freeze(line.stateAt(seq)))).toBe(canonicalJson(freeze(fold(zoo.order, paidOrder().log.slice(0, seq)).state)));
  });

  it('given a log that goes on, when a record is appended, then it is there; one that does not fit changes nothing', () => {
    const { log } = paidOrder();
    const line = timeline(zoo.order, log.slice(0, 3));
    expect(codeOf(() => { line.append(log[5] as never); })).toBe('wrong_seq');
    expect(line.length).toBe(3);
    line.append(log[3] as never);
    expect(line.at(4).value).toBe('charging');
    expect(codeOf(() => line.at(5))).toBe('no_such_record');
    expect(codeOf(() => line.stateAt(0))).toBe('no_such_record');
    expect(line.between(5, 9)).toEqual([]);
  });

  it('given a moment, then what is lit is where it is, its last step, and the way there', () => {
    const lit = litAt(timeline(zoo.order, paidOrder().log), 'order/a1', 4);
    expect(lit).toMatchObject({ active: ['order', 'order.charging'], taken: ['order.open:0'], caption: 'order/a1 after record 4 of 6' });
    expect(lit.passed).toEqual(['order', 'order.open', 'order.charging', 'order.open:0', 'order.charging:3']);
  });

  it('given the way of an actor, then each state and transition has the first record that came to it, as far as is asked for', () => {
    const line = timeline(zoo.order, paidOrder().log);
    expect(Object.fromEntries(line.passed())).toEqual({ 'order': 1, 'order.open': 1, 'order.charging': 2, 'order.open:0': 2, 'order.charging:3': 3, 'order.paid': 5, 'order.charging:2': 5, 'order.closed': 6, 'order.paid:1': 6 });
    expect(Object.fromEntries(line.passed(5, 2))).toEqual({ 'order.charging:3': 3, 'order.paid': 5, 'order.charging:2': 5 });
  });
});

describe('the waterfall', () => {
  it('given a saga with a retry, a failure and an undo, then its lanes are its steps with each attempt, pause and undo', () => {
    const play = new Play(abc({ b: { retry: { attempts: 2, delayMs: 500 } } }));
    play.done('a').fail('b');
    play.fire();
    play.fail('b', terminal).done('undo-b').done('undo-a');
    const { lanes, from, to } = timeline(play.definition, play.log).waterfall();
    expect(lanes.map(({ name, status }) => [name, status])).toEqual([['a', 'undone'], ['b', 'undone'], ['c', 'pending']]);
    expect(lanes[0]?.bars.map(({ kind, attempt, end }) => [kind, attempt, end])).toEqual([['run', 1, 'done'], ['undo', 1, 'done']]);
    expect(lanes[1]?.bars.map(({ kind, attempt, end }) => [kind, attempt, end])).toEqual([['run', 1, 'failed'], ['back-off', 1, 'fired'], ['run', 2, 'failed'], ['undo', 1, 'done']]);
    expect(lanes[1]?.bars[0]).toMatchObject({ from: 2000, to: 3000, fromSeq: 2, toSeq: 3, error: { code: 'oops' } });
    expect(lanes[1]?.bars[1]).toMatchObject({ from: 3000, due: 3500 });
    expect(lanes[2]?.bars).toEqual([]);
    expect([from, to]).toEqual([1000, play.log.length * 1000]);
  });

  it('given steps side by side, then each has its lane, with its own pauses', () => {
    const play = new Play({ ...abc({ b: { after: ['a'], retry: { attempts: 2, delayMs: 500 } }, c: { after: ['a'] } }), order: 'by-needs' });
    play.done('a').fail('b').done('c');
    const { lanes } = timeline(play.definition, play.log).waterfall();
    expect(lanes.map(({ name, bars }) => [name, bars.map(({ kind }) => kind)])).toEqual([['a', ['run']], ['b', ['run', 'back-off']], ['c', ['run']]]);
  });

  it('given the middle of the saga, then what comes later is not known yet', () => {
    const play = new Play(abc());
    play.done('a').done('b');
    const { lanes } = timeline(play.definition, play.log).waterfall(2);
    expect(lanes.map(({ name, status, bars }) => [name, status, bars.map(({ end, to }) => [end, to])])).toEqual([['a', 'done', [['done', 2000]]], ['b', 'running', [['running', undefined]]], ['c', 'pending', []]]);
  });

  it('given a step that was stopped, then its bar says that its end is awaited, and then that it was aborted', () => {
    const play = new Play(abc());
    play.send('stop');
    expect(timeline(play.definition, play.log).waterfall().lanes[0]?.bars).toMatchObject([{ end: 'running', aborting: true }]);
    play.fail('a');
    expect(timeline(play.definition, play.log).waterfall().lanes[0]?.bars).toMatchObject([{ end: 'aborted' }, { kind: 'stopped', end: 'running' }]);
  });

  it('given an order, then activities and delays have lanes of their own, and timers that were set again or cancelled say so', () => {
    const again = put(put(create(zoo.order), 'pay', { amount: 20 }), 'again');
    const line = timeline(zoo.order, charged(true, again).log);
    const shown = line.waterfall().lanes.map(({ name, bars }) => [name, bars.map(({ end }) => end)]);
    expect(Object.fromEntries(shown)).toEqual({ reminder: ['running'], charge: ['aborted', 'done'], 'after slow': ['replaced', 'cancelled'], 'after 1 min': ['replaced', 'cancelled'], 'after 500 ms': ['running'] });
  });
});

describe('what if', () => {
  const paying = put(create(zoo.order), 'pay', { amount: 20 });

  it('given an event the chart takes, then the next state and its effects are told, and nothing has changed', () => {
    const before = canonicalJson(freeze(paying.state));
    const found = whatIf(zoo.order, paying.state, { type: 'activity.completed', data: { activity: 'charge', effect: effectOf(paying, 'activities', 'charge'), output: null } });
    expect(found).toMatchObject({ accepted: true, moment: { seq: 3, value: 'paid', entered: ['order.paid'], transitions: [{ id: 'order.charging:2' }] } });
    expect(found.accepted && found.moment.effects.map(({ kind }) => kind)).toEqual(['timer.cancel', 'timer.cancel', 'timer.set']);
    expect(canonicalJson(freeze(paying.state))).toBe(before);
  });

  it('given an event it does not take, a body that is wrong, or an effect that does not run, then the refusal says why', () => {
    const order = create(zoo.order);
    expect(whatIf(zoo.order, order.state, { type: 'pay', data: { amount: 1 } })).toMatchObject({ accepted: false, code: 'command_refused', value: 'open', allowed: ['note', 'quiet', 'remind'] });
    expect(whatIf(zoo.order, order.state, { type: 'timer.fired', data: { timer: 'x', effect: '9:9' } })).toMatchObject({ accepted: false, code: 'stale_effect' });
    const play = new Play(abc());
    expect(whatIf(play.definition, play.state, { type: 'stop', data: { why: 1 } })).toMatchObject({ accepted: false, code: 'bad_body' });
    expect(whatIf(play.definition, play.state, { type: 'stop', data: { reason: 'lunch' }, by: 'me' })).toMatchObject({ accepted: true, moment: { by: 'me', status: 'stopping' } });
  });

  it('given a state, then the choices are its commands and every way what it waits for may end, and each can be tried', () => {
    const all = choices(zoo.order, paying.state);
    expect(all.map(({ type, data }) => `${type} ${(data?.activity ?? data?.timer ?? '') as string}`.trim().replace(/-[0-9a-f]{12}$/, ''))).toEqual([
      'again', 'stop', 'activity.completed charge', 'activity.failed charge', 'timer.fired reminder', 'timer.fired after-60000-order-charging', 'timer.fired after-slow-order-charging',
    ]);
    const chart = chartOf(zoo.order.machine);
    expect(all.filter((one) => !whatIf(zoo.order, paying.state, one, chart).accepted)).toEqual([]);
    expect(choices(zoo.order, paidOrder().state)).toEqual([]);
  });
});
