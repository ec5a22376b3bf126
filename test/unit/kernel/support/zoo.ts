import { and, assign, cancel, createMachine, emit, enqueueActions, fromPromise, log, not, raise, sendTo, setup, type AnyStateMachine } from 'xstate';
import { abort } from '../../../../src/kernel/abort.ts';
import { defineMachine } from '../../../../src/kernel/define.ts';
import type { Definition } from '../../../../src/kernel/definition.ts';
import { actorRef } from '../../../../src/kernel/refs.ts';

const promise = fromPromise<unknown, unknown>(() => Promise.reject(new Error('the host runs it')));

/** One invoke, a time-out, a late reminder, a refund by message: an order. */
export const order = setup({
  types: {} as { context: { paid: boolean; tries: number; log: string[] }; events: { type: string; amount?: number }; emitted: { type: 'paying'; by: string } },
  actors: { charge: promise },
  actions: { print: () => undefined, count: assign({ tries: ({ context }) => context.tries + 1 }) },
  guards: { enough: ({ event }) => (event.amount ?? 0) >= 10 },
  delays: { slow: ({ context }) => 1000 * (context.tries + 1) },
}).createMachine({
  id: 'order',
  context: { paid: false, tries: 0, log: [] },
  initial: 'open',
  states: {
    open: {
      entry: raise({ type: 'remind' }, { id: 'reminder', delay: 3_000_000_000 }),
      on: {
        pay: { guard: 'enough', target: 'charging', actions: [{ type: 'print', params: ({ event }: { event: { amount?: number } }) => ({ amount: event.amount ?? 0 }) }, emit({ type: 'paying', by: 'card' })] },
        remind: { actions: sendTo(actorRef('mailer/m1'), { type: 'mail', about: 'reminder' }) },
        quiet: { actions: cancel('reminder') },
        note: { actions: assign({ log: ({ context }) => [...context.log, 'noted'] }) },
      },
    },
    charging: {
      entry: 'count',
      invoke: { id: 'charge', src: 'charge', input: ({ context }: { context: { tries: number } }) => ({ tries: context.tries }), onDone: { target: 'paid', actions: assign({ paid: true }) }, onError: 'open' },
      after: { slow: 'open', 60_000: { actions: 'print' } },
      on: { again: { target: 'charging', reenter: true }, stop: { actions: abort('charge') } },
    },
    paid: { after: { 500: 'closed' }, on: { refund: { actions: sendTo(actorRef('bank/b1'), { type: 'refund' }, { delay: 100, id: 'refund' }) } } },
    closed: { type: 'final' },
  },
  output: ({ context }) => ({ paid: context.paid }),
});

/** Two regions with both kinds of history. */
export const player = createMachine({
  id: 'player',
  type: 'parallel',
  context: { n: 0 },
  states: {
    sound: {
      initial: 'off',
      states: {
        off: { on: { power: 'on.last' } },
        on: {
          initial: 'low',
          on: { power: 'off', mute: 'muted' },
          states: {
            low: { on: { up: 'high' }, initial: 'a', states: { a: { on: { flip: 'b' } }, b: { on: { flip: 'a' } } } },
            high: { on: { up: 'low' } },
            last: { type: 'history' },
            deep: { type: 'history', history: 'deep' },
          },
        },
        muted: { on: { mute: 'on.deep', power: 'off' }, after: { 1000: 'on.deep' } },
      },
    },
    lamp: {
      initial: 'dark',
      states: {
        dark: { on: { flip: 'lit', up: { target: 'lit', actions: assign({ n: ({ context }) => context.n + 1 }) } } },
        lit: { entry: raise({ type: 'blink' }, { delay: 20 }), on: { flip: 'dark', blink: { actions: assign({ n: ({ context }) => context.n * 2 + 1 }) } } },
      },
    },
  },
});

/** Eventless transitions, combined guards, raised events, a wildcard, enqueued actions. */
export const counter = setup({
  types: {} as { context: { n: number; steps: number }; events: { type: string; by?: number } },
  guards: { even: ({ context }) => context.n % 2 === 0, big: ({ context }) => context.n > 6 },
}).createMachine({
  id: 'counter',
  context: { n: 0, steps: 0 },
  initial: 'rest',
  on: { reset: { target: '.rest', actions: assign({ n: 0 }) } },
  states: {
    rest: {
      always: [{ guard: 'big', target: 'full' }, { guard: and(['even', ({ context }) => context.n > 3]), target: 'even' }],
      on: {
        add: { actions: assign({ n: ({ context, event }) => context.n + (event.by ?? 1) }) },
        twice: { actions: [raise({ type: 'add' }), raise({ type: 'add', by: 2 })] },
        some: { actions: enqueueActions(({ enqueue, check }) => {
          enqueue.assign({ steps: ({ context }: { context: { steps: number } }) => context.steps + 1 });
          if (check('even')) enqueue.raise({ type: 'add' });
          else enqueue.emit({ type: 'odd' } as never);
        }) },
        '*': { actions: assign({ steps: ({ context }) => context.steps + 10 }) },
      },
    },
    even: { entry: log('even'), on: { add: { guard: not('big'), target: 'rest', actions: assign({ n: ({ context }) => context.n + 1 }) } } },
    full: { on: { drain: { target: 'rest', actions: assign({ n: 0 }) }, leak: { reenter: true, target: 'full', actions: assign({ n: 7 }) } } },
  },
});

/** Regions that finish, a compound `onDone`, several invokes at once, one with a systemId. */
export const works = setup({ actors: { load: promise, store: promise } }).createMachine({
  id: 'works',
  initial: 'both',
  context: { done: [] as string[] },
  states: {
    both: {
      type: 'parallel',
      onDone: 'packing',
      on: { restart: { target: 'both', reenter: true }, drop: 'dropped' },
      states: {
        left: {
          initial: 'loading',
          states: { loading: { invoke: { id: 'load', src: 'load', systemId: 'loader', onDone: 'ready', onError: 'failed' } }, failed: { on: { again: 'loading' } }, ready: { type: 'final' } },
        },
        right: {
          initial: 'storing',
          states: { storing: { invoke: { id: 'store', src: 'store', onDone: { target: 'ready', actions: assign({ done: ({ context }) => [...context.done, 'store'] }) } }, after: { 100: 'ready' } }, ready: { type: 'final' } },
        },
      },
    },
    packing: { initial: 'wrap', onDone: 'shipped', states: { wrap: { on: { next: 'label' }, after: { 50: 'label' } }, label: { on: { next: 'end' } }, end: { type: 'final' } } },
    shipped: { type: 'final' },
    dropped: { type: 'final', output: 'dropped' },
  },
});

const childChart = createMachine({ id: 'unit', initial: 'a', states: { a: { on: { go: 'b' } }, b: { type: 'final' } } });
export const child = defineMachine({ machine: childChart, version: '1' });

/** A child machine, spoken to and stopped. */
export const boss = setup({ actors: { unit: childChart } }).createMachine({
  id: 'boss',
  initial: 'idle',
  context: { told: 0 },
  states: {
    idle: { on: { hire: 'busy' } },
    busy: {
      entry: sendTo('unit', { type: 'hello', n: 1 }),
      invoke: { id: 'unit', src: 'unit', input: { task: 'x' }, onDone: 'idle', onError: 'sad' },
      on: { tell: { actions: [sendTo('unit', { type: 'go' }), assign({ told: ({ context }) => context.told + 1 })] }, fire: 'idle', ask: { actions: abort('unit') } },
    },
    sad: { on: { hire: 'busy' } },
  },
});

/** Regions whose names sort otherwise than they stand: all answer one event, and all fall with the first failure. */
const region = (name: string): object => ({
  initial: 'on',
  states: {
    on: { invoke: { id: name, src: 'work' }, on: { ping: { actions: emit({ type: name }) }, [`skip_${name}`]: 'off', all: { target: 'off', actions: emit({ type: `${name}_off` }) } } },
    off: { on: { all: 'on', ping: { actions: emit({ type: `${name}_ping` }) } } },
  },
});
export const regions = setup({ actors: { work: promise } }).createMachine({
  id: 'regions', type: 'parallel', states: { z: region('z'), m: region('m'), a: region('a') },
} as never) as unknown as AnyStateMachine;

const define = (machine: AnyStateMachine, children: Record<string, Definition> = {}): Definition => defineMachine({ machine, version: '1', children });

export const zoo = {
  order: define(order), player: define(player), counter: define(counter), works: define(works), boss: define(boss, { unit: child }), regions: define(regions),
} as const;

const common = ['nonsense', 'note', 'reset'];

/** Events worth trying on each, XState's own among them. */
export const eventsOf: Record<keyof typeof zoo, readonly string[]> = {
  order: [...common, 'pay', 'remind', 'quiet', 'again', 'stop', 'refund', 'xstate.done.actor.charge', 'xstate.error.actor.charge', 'xstate.after.slow.order.charging', 'xstate.after.60000.order.charging', 'xstate.after.500.order.paid'],
  player: ['power', 'up', 'flip', 'mute', 'blink', 'xstate.after.1000.player.sound.muted'],
  counter: [...common, 'add', 'twice', 'some', 'drain', 'leak'],
  works: ['restart', 'drop', 'again', 'next', 'xstate.done.actor.load', 'xstate.error.actor.load', 'xstate.done.actor.store', 'xstate.after.100.works.both.right.storing', 'xstate.after.50.works.packing.wrap'],
  regions: ['ping', 'all', 'skip_z', 'skip_m', 'skip_a', 'xstate.error.actor.m'],
  boss: ['hire', 'tell', 'fire', 'ask', 'xstate.done.actor.unit', 'xstate.error.actor.unit'],
};
