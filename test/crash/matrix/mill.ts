import { assign, emit, raise, sendTo, setup } from 'xstate';
import { activity } from '../../../src/kernel/activity.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { ActivityScope, Definition } from '../../../src/kernel/definition.ts';
import { actorRef } from '../../../src/kernel/refs.ts';
import { valueOf } from '../../../src/kernel/status.ts';
import type { Hands } from './hands.ts';
import type { Scenario, Wish } from './scenario.ts';

const counter: Definition = defineMachine({
  machine: setup({ types: {} as { context: { count: number }; events: { type: 'add'; amount: number } } }).createMachine({
    id: 'counter', context: { count: 0 }, initial: 'counting',
    states: { counting: { on: { add: { target: 'full', actions: assign({ count: ({ context, event }) => context.count + event.amount }) } } }, full: { type: 'final' } },
  }),
  version: '1',
});

type MillEvent = { type: 'next' } | { type: 'pause' } | { type: 'resume' } | { type: 'finish' } | { type: 'tick' };

/** Everything a chart can ask for at once: an activity, an emit, an action, delayed events to itself and to another actor, history. */
const mill = (hands: Hands): Definition => defineMachine({
  machine: setup({
    types: {} as { context: { flour: string; ticked: boolean }; events: MillEvent; emitted: { type: 'ground' } },
    actors: { grind: activity<string>(async ({ key, signal, actor }: ActivityScope<unknown>) => {
      await hands.act({ key, what: 'grind', signal, adds: `flour of ${actor}` });
      return 'fine';
    }) },
    // The host waits for what an action returns, though XState's types say that it is nothing.
    actions: { ring: ((_scope, { what }) => hands.notice(`ring ${what}`)) as (scope: unknown, params: { what: string }) => void },
    delays: { soon: 2_000, later: 3_000, long: 60_000 },
  }).createMachine({
    id: 'mill', context: { flour: '', ticked: false }, type: 'parallel',
    states: {
      stones: {
        initial: 'grinding',
        states: {
          grinding: { invoke: { id: 'grind', src: 'grind', onDone: { target: 'still', actions: [assign({ flour: ({ event }) => event.output }), emit({ type: 'ground' }), { type: 'ring', params: { what: 'ground' } }] } } },
          still: { type: 'final' },
        },
      },
      clock: {
        initial: 'winding',
        states: {
          winding: {
            entry: [raise({ type: 'tick' }, { delay: 'soon', id: 'tick' }), sendTo(() => actorRef('counter/k1'), { type: 'add', amount: 3 }, { delay: 'later', id: 'add' })],
            on: { tick: { target: 'told', actions: [assign({ ticked: true }), { type: 'ring', params: { what: 'tick' } }] } },
          },
          // Long after the delayed event, however late a crash makes that: a mill that has stopped sends nothing.
            told: { after: { long: 'run-down' } },
          'run-down': { type: 'final' },
        },
      },
      miller: {
        initial: 'working',
        states: {
          working: {
            initial: 'one',
            states: { one: { on: { next: 'two' } }, two: { on: { finish: '#mill.miller.home' } }, last: { type: 'history' } },
            on: { pause: 'resting' },
          },
          resting: { on: { resume: 'working.last' } },
          home: { type: 'final' },
        },
      },
    },
  }),
  version: '1',
});

const miller = (command: string, value: unknown): Wish => ({
  to: 'mill/m1', command, when: (state) => JSON.stringify((valueOf(state) as { miller?: unknown }).miller) === JSON.stringify(value),
});

export const millScenario: Scenario = {
  name: 'a mill that does everything at once',
  definitions: (hands) => [counter, mill(hands)],
  wishes: [
    { to: 'counter/k1', command: 'create' },
    { to: 'mill/m1', command: 'create' },
    miller('next', { working: 'one' }), miller('pause', { working: 'two' }), miller('resume', 'resting'), miller('finish', { working: 'two' }),
  ],
  ends: { 'mill/m1': 'completed', 'counter/k1': 'completed' }, stock: ['flour of mill/m1'], racy: true,
};
