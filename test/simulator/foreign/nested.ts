import { and, assign, not, or, setup, stateIn } from 'xstate';
import { job, seen } from './effects.ts';

type Event = { type: 'pause' } | { type: 'resume' } | { type: 'next' } | { type: 'poke' } | { type: 'close' };

interface Context { readonly got: Record<string, string>; readonly count: number }

const base = () => setup({
  types: {} as { context: Context; events: Event; output: unknown },
  actors: { fetch: job('fetch'), store: job('store') },
  actions: { mark: seen },
  guards: { enough: ({ context }) => context.count >= 3, none: ({ context }) => context.count === 0, odd: ({ context }) => context.count % 2 === 1 },
  delays: { soon: 700, later: 2_300, longer: ({ context }) => 400 * (context.count + 1) },
});

const empty: Context = { got: {}, count: 0 };
const mark = (at: string) => ({ type: 'mark' as const, params: { at } });

/** Five levels down and out again; entry and exit actions at each. */
export const deep = base().createMachine({
  id: 'deep', context: empty, initial: 'one', output: ({ context }: { readonly context: Context }) => context.got,
  states: {
    one: {
      entry: mark('into one'), exit: mark('out of one'), initial: 'two', onDone: 'end',
      states: {
        two: {
          entry: mark('into two'), exit: mark('out of two'), initial: 'three', onDone: 'left',
          states: {
            three: {
              entry: mark('into three'), exit: mark('out of three'), initial: 'four', onDone: 'over',
              states: {
                four: {
                  initial: 'five', onDone: 'done',
                  states: {
                    five: { invoke: { id: 'fetch', src: 'fetch', input: { at: 'the bottom' }, onDone: { target: 'up', actions: assign({ got: ({ event }) => ({ bottom: event.output }) }) } } },
                    up: { type: 'final' },
                  },
                },
                done: { type: 'final' },
              },
            },
            over: { type: 'final' },
          },
        },
        left: { type: 'final' },
      },
    },
    end: { type: 'final' },
  },
});

/** Three regions, each with work of its own, and what comes when all are through. */
export const join = base().createMachine({
  id: 'join', context: empty, initial: 'apart', output: ({ context }: { readonly context: Context }) => context.got,
  states: {
    apart: {
      type: 'parallel', onDone: { target: 'together', actions: mark('joined') },
      states: {
        left: {
          initial: 'busy',
          states: { busy: { invoke: { id: 'left', src: 'fetch', input: { at: 'left' }, onDone: { target: 'through', actions: assign({ got: ({ context, event }) => ({ ...context.got, left: event.output }) }) } } }, through: { type: 'final' } },
        },
        right: {
          initial: 'busy',
          states: { busy: { invoke: { id: 'right', src: 'store', input: { at: 'right' }, onDone: { target: 'through', actions: assign({ got: ({ context, event }) => ({ ...context.got, right: event.output }) }) } } }, through: { type: 'final' } },
        },
        clock: { initial: 'ticking', states: { ticking: { after: { later: 'rung' } }, rung: { type: 'final', entry: mark('rung') } } },
      },
    },
    together: { invoke: { id: 'last', src: 'store', input: ({ context }) => ({ at: Object.keys(context.got).sort().join(' and ') }), onDone: 'end' } },
    end: { type: 'final' },
  },
});

/** Comes back to where it was: to the state, and begins that one anew. */
export const shallow = base().createMachine({
  id: 'shallow', context: empty, initial: 'working',
  states: {
    working: {
      initial: 'first', on: { pause: 'resting' },
      states: {
        first: { on: { next: 'second' } },
        second: { entry: mark('second'), initial: 'early', states: { early: { on: { next: 'late' } }, late: { on: { close: '#shallow.end' } } } },
        back: { type: 'history' },
      },
    },
    resting: { on: { resume: 'working.back' } },
    end: { type: 'final' },
  },
});

/** Comes back to where it was, in both regions, all the way down. */
export const deepHistory = base().createMachine({
  id: 'deep-history', context: empty, initial: 'working',
  states: {
    working: {
      type: 'parallel', on: { pause: 'resting', close: 'end' },
      states: {
        a: { initial: 'x', states: { x: { on: { next: 'y' } }, y: { initial: 'p', states: { p: { on: { poke: 'q' } }, q: {} } } } },
        b: { initial: 'still', states: { still: { on: { next: { target: 'moved', actions: mark('moved') } } }, moved: { entry: mark('into moved') } } },
        back: { type: 'history', history: 'deep' },
      },
    },
    resting: { on: { resume: 'working.back' } },
    end: { type: 'final' },
  },
});

/** One event leads through a chain of decisions; guards are made of guards. */
export const always = base().createMachine({
  id: 'always', context: empty, type: 'parallel',
  states: {
    count: {
      initial: 'waiting',
      states: {
        waiting: { on: { poke: { target: 'looking', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
        looking: { always: [{ guard: and(['enough', stateIn('#always.lamp.on')]), target: 'end', actions: mark('enough') }, { guard: or(['odd', not('none')]), target: 'noting' }, { target: 'waiting' }] },
        noting: { entry: mark('noted'), always: { target: 'waiting' } },
        end: { type: 'final' },
      },
    },
    lamp: { initial: 'off', states: { off: { on: { next: { guard: not(stateIn('#always.lamp.on')), target: 'on' } } }, on: { always: { guard: stateIn('#always.count.end'), target: 'out' } }, out: { type: 'final' } } },
  },
});

/** Goes to itself: with leaving, and without. */
export const self = base().createMachine({
  id: 'self', context: empty, initial: 'here',
  states: {
    here: {
      entry: mark('in'), exit: mark('out'),
      invoke: { id: 'fetch', src: 'fetch', input: ({ context }) => ({ at: `count ${context.count}` }), onDone: { actions: assign({ got: ({ context, event }) => ({ ...context.got, [String(context.count)]: event.output }) }) } },
      on: {
        poke: { target: 'here', reenter: true, actions: assign({ count: ({ context }) => context.count + 1 }) },
        next: { target: 'here', actions: [assign({ count: ({ context }) => context.count + 10 }), mark('stayed')] },
        close: 'end',
      },
    },
    end: { type: 'final' },
  },
});

/** Asks again and again, and waits longer each time. */
export const patient = base().createMachine({
  id: 'patient', context: empty, initial: 'asking', output: ({ context }: { readonly context: Context }) => context.count,
  states: {
    asking: { invoke: { id: 'ask', src: 'fetch', input: ({ context }) => ({ at: `try ${context.count}` }), onDone: { target: 'waiting', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
    waiting: { always: { guard: 'enough', target: 'end' }, after: { longer: 'asking' } },
    end: { type: 'final', entry: mark('at last') },
  },
});
