import { and, assign, cancel, createMachine, emit, enqueueActions, fromCallback, fromPromise, log, not, or, raise, sendParent, sendTo, setup, spawnChild, stateIn, stopChild, type AnyStateMachine } from 'xstate';

/*
 * Ten well-known machines of shapes that Millrace's own do not have; some could not be made durable, and all
 * can be drawn.
 */

const light = createMachine({
  id: 'trafficLight', initial: 'green', description: 'The machine of every introduction.',
  states: {
    green: { after: { 30_000: 'yellow' } },
    yellow: { after: { 3000: 'red' } },
    red: {
      initial: 'walk', after: { 90_061_500: 'green' }, onDone: 'green',
      states: { walk: { on: { COUNTDOWN: 'wait' } }, wait: { on: { COUNTDOWN: 'stop' } }, stop: { type: 'final' } },
    },
  },
  on: { POWER_OUTAGE: '.red.stop', POWER_RESTORED: { target: '.green', reenter: true } },
});

const fetching = createMachine({
  id: 'fetch', initial: 'idle', context: { retries: 0, data: null as unknown },
  states: {
    idle: { on: { FETCH: 'loading', RESOLVE: undefined } },
    loading: {
      tags: ['busy', 'network'],
      invoke: { src: fromPromise(async () => 1), onDone: { target: 'success', actions: assign({ data: ({ event }) => event.output as unknown }) }, onError: [{ guard: ({ context }) => context.retries < 3, target: 'waiting', actions: assign(({ context }) => ({ retries: context.retries + 1 })) }, 'failure'] },
      on: { CANCEL: 'idle' },
    },
    waiting: { after: { 1000: { target: 'loading', reenter: true } } },
    success: { type: 'final', output: ({ context }: { context: { data: unknown } }) => context.data },
    failure: { on: { RETRY: { target: 'loading' }, '*': { actions: log('not now') } } },
  },
});

/** Deep nesting: seven levels, with ways from the innermost to the outermost. */
const deep = ((): AnyStateMachine => {
  const level = (depth: number): object => (depth === 7 ? { on: { up: '#level1', out: '#outside', self: { target: '.leaf', reenter: true } }, initial: 'leaf', states: { leaf: {} } } : {
    id: `level${depth}`, initial: 'inner', on: { [`skip${depth}`]: '.other', [`leave${depth}`]: '#outside' },
    states: { inner: level(depth + 1), other: { on: { back: 'inner' } } },
  });
  return createMachine({ id: 'deep', initial: 'inside', states: { inside: level(1), outside: { id: 'outside', on: { again: 'inside' } } } } as never) as AnyStateMachine;
})();

/** Eight regions side by side, that look at each other. */
const keyboard = createMachine({
  id: 'keyboard', type: 'parallel', entry: 'reset',
  states: Object.fromEntries(['caps', 'num', 'scroll', 'insert', 'shift', 'control', 'alt', 'meta'].map((key, i, all) => [key, {
    initial: 'off', states: {
      off: { on: { [key.toUpperCase()]: { target: 'on', guard: i === 0 ? undefined : not(stateIn({ [all[i - 1] ?? '']: 'on' } as never)) } } },
      on: { on: { [key.toUpperCase()]: 'off', ALL_OFF: '#keyboard.caps.off' } },
    },
  }])),
} as never);

const wordProcessor = createMachine({
  id: 'word', initial: 'hidden',
  states: {
    hidden: { on: { SHOW: 'shown.last', SHOW_DEEP: 'shown.exactly' } },
    shown: {
      type: 'parallel', on: { HIDE: 'hidden' },
      states: {
        bold: { initial: 'off', states: { on: { on: { BOLD: 'off' } }, off: { on: { BOLD: 'on' } } } },
        list: { initial: 'none', states: { none: { on: { BULLETS: 'bullets', NUMBERS: 'numbers' } }, bullets: { on: { NONE: 'none', NUMBERS: 'numbers' } }, numbers: { on: { NONE: 'none', BULLETS: 'bullets' } } } },
        last: { type: 'history', target: '#word.shown.bold.on' },
        exactly: { type: 'history', history: 'deep' },
      },
    },
  },
} as never);

/** Twelve transitions from a state to itself, inside and out, and twelve between the same two. */
const restless = createMachine({
  id: 'restless', initial: 'here',
  states: {
    here: { entry: 'greet', exit: ['wave', 'sigh'], on: { ...Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`stay_${i}`, { actions: `note${i}` }])), ...Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`again_${i}`, { target: 'here', reenter: true }])), ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`go_${i}`, 'there'])) } },
    there: { on: { back: 'here' } },
  },
});

const long = 'aVeryLongNameThatSomebodyThoughtWouldExplainEverythingAboutTheStateItIsGivenTo';
/** Names of any length and of any script. */
const wordy = setup({
  guards: { [`${long}AndTheGuard`]: () => true, 'with blanks & <signs> "quoted"': () => true }, actions: { [`${long}AndTheAction`]: () => undefined },
}).createMachine({
  id: 'wordy', initial: long,
  states: {
    [long]: { tags: [long, 'short', 'another-tag', 'tag with blanks'], description: 'A sentence.\nAnd another one.', on: { [`${long}Event`]: { target: '注文を受け付けました', guard: `${long}AndTheGuard`, actions: [`${long}AndTheAction`] } } },
    注文を受け付けました: { on: { 'заказ.принят': { target: '🚀 launched', guard: 'with blanks & <signs> "quoted"' } } },
    '🚀 launched': { type: 'final' },
  },
} as never);

const guards = setup({
  types: {} as { context: { n: number }; events: { type: string; by: number } },
  guards: { even: ({ context }) => context.n % 2 === 0, most: (_args, { n }: { n: number }) => n > 1, between: (_args, { low, high }: { low: number; high: number }) => low < high },
}).createMachine({
  id: 'guards', context: { n: 0 }, initial: 'a',
  states: {
    a: {
      always: [{ guard: and(['even', not('even')]), target: 'b' }, { guard: ({ context }) => context.n > 99, target: 'c' }, { guard: 'even' }],
      on: {
        x: [{ guard: or(['even', and([not('even'), stateIn('#guards.a')])]), target: 'b' }, { guard: { type: 'most', params: { n: 3 } }, target: 'c' }, { guard: { type: 'between', params: { low: 1, high: 2 } }, target: 'a', reenter: true }, { guard: { type: 'most', params: ({ event }: { event: { by: number } }) => ({ n: event.by }) }, target: 'b' }],
        y: { guard: stateIn({ a: {} } as never), target: ['b'] },
      },
    },
    b: { on: { x: { guard: function isNamed() { return true; }, target: 'c' } } },
    c: {},
  },
});

const worker = createMachine({ id: 'worker' });
const actors = setup({ actors: { worker, ticker: fromCallback(() => undefined) } }).createMachine({
  id: 'actors', initial: 'idle',
  entry: [emit({ type: 'began' } as never), raise({ type: 'go' }), raise({ type: 'late' }, { delay: 500, id: 'late' })],
  states: {
    idle: {
      entry: [spawnChild('worker', { id: 'w1' }), sendTo('w1', { type: 'hello' }), sendParent({ type: 'ready' }), enqueueActions(({ enqueue }) => { enqueue('x'); })],
      exit: [stopChild('w1'), cancel('late')],
      on: { go: { target: 'busy', actions: [sendTo(({ self }) => self, { type: 'late' }), function shout() { /* says it aloud */ }] } },
    },
    busy: {
      invoke: [{ id: 'tick', src: 'ticker' }, { src: worker, onSnapshot: { actions: 'look' } }, { id: 'named', src: 'worker', onDone: 'idle' }],
      initial: { target: 'first', actions: 'begin' } as never,
      states: { first: {} },
    },
  },
} as never);

/** Several targets at once, a transition from a region of its own ancestor, targets above. */
const forks = createMachine({
  id: 'forks', initial: 'start',
  states: {
    start: { on: { split: { target: ['work.left.second', 'work.right.second'] } } },
    work: {
      type: 'parallel', onDone: { target: 'end', actions: 'celebrate' },
      on: { restart: { target: '#forks.work', reenter: true }, again: '.left.first' },
      states: {
        left: { initial: 'first', states: { first: { on: { next: 'second', up: '#forks.work' } }, second: { on: { next: 'done', jump: '#forks.work.right.first' } }, done: { type: 'final' } } },
        right: { initial: 'first', states: { first: { on: { next: 'second', give_up: '#forks' } }, second: { on: { next: 'done' } }, done: { type: 'final' } } },
      },
    },
    end: { type: 'final' },
  },
} as never);

export const foreign: Readonly<Record<string, AnyStateMachine>> = { light, fetching, deep, keyboard, wordProcessor, restless, wordy, guards, actors, forks } as never;
