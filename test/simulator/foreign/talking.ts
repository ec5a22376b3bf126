import { assign, cancel, emit, raise, sendParent, sendTo, setup } from 'xstate';
import { job, seen } from './effects.ts';

const mark = (at: string) => ({ type: 'mark' as const, params: { at } });

/** Sends itself events for later; takes one of them back. */
export const raises = setup({
  types: {} as { context: { heard: readonly string[] }; events: { type: 'soon' } | { type: 'late' } | { type: 'never' }; emitted: { type: 'heard'; what: string } },
  actions: { mark: seen },
}).createMachine({
  id: 'raises', context: { heard: [] }, initial: 'listening', tags: ['waiting'],
  states: {
    listening: {
      entry: [raise({ type: 'soon' }, { delay: 500 }), raise({ type: 'late' }, { delay: 2_500, id: 'late' }), raise({ type: 'never' }, { delay: 3_600_000, id: 'never' })],
      on: {
        soon: { actions: [assign({ heard: ({ context }) => [...context.heard, 'soon'] }), emit({ type: 'heard', what: 'soon' }), cancel('never'), mark('soon')] },
        late: { target: 'end', actions: [assign({ heard: ({ context }) => [...context.heard, 'late'] }), emit({ type: 'heard', what: 'late' })] },
        never: { target: 'end', actions: assign({ heard: ['never'] }) },
      },
    },
    end: { type: 'final' },
  },
});

export const grandchild = setup({
  types: {} as { context: { at: string; got: string }; input: { at: string }; events: { type: 'cancel' }; output: { got: string } },
  actors: { dig: job('dig') }, actions: { mark: seen },
}).createMachine({
  id: 'grandchild', context: ({ input }) => ({ at: input?.at ?? '', got: '' }), initial: 'digging', output: ({ context }) => ({ got: context.got }),
  states: {
    digging: { on: { cancel: 'end' }, invoke: { id: 'dig', src: 'dig', input: ({ context }) => ({ at: context.at }), onDone: { target: 'resting', actions: [assign({ got: ({ event }) => event.output }), mark('dug')] } } },
    resting: { on: { cancel: 'end' }, after: { 900: 'end' } },
    end: { type: 'final' },
  },
});

export const child = setup({
  types: {} as { context: { at: string; got: readonly string[] }; input: { at: string }; events: { type: 'cancel' }; output: { got: readonly string[] } },
  actors: { grandchild },
}).createMachine({
  id: 'middle', context: ({ input }) => ({ at: input?.at ?? '', got: [] }), initial: 'first', output: ({ context }) => ({ got: context.got }),
  states: {
    first: { on: { cancel: 'end' }, invoke: { id: 'one', src: 'grandchild', input: ({ context }) => ({ at: `${context.at} one` }), onDone: { target: 'second', actions: assign({ got: ({ event }) => [event.output.got] }) } } },
    second: { on: { cancel: 'end' }, invoke: { id: 'two', src: 'grandchild', input: ({ context }) => ({ at: `${context.at} two` }), onDone: { target: 'end', actions: assign({ got: ({ context, event }) => [...context.got, event.output.got] }) } } },
    end: { type: 'final' },
  },
});

/** Children of children. */
export const tree = setup({
  types: {} as { context: { got: Record<string, unknown> } }, actors: { child }, actions: { mark: seen },
}).createMachine({
  id: 'tree', context: { got: {} }, type: 'parallel', output: ({ context }) => context.got,
  states: {
    east: { initial: 'busy', states: { busy: { invoke: { id: 'east', src: 'child', input: { at: 'east' }, onDone: { target: 'end', actions: [assign({ got: ({ context, event }) => ({ ...context.got, east: event.output.got }) }), mark('east')] } } }, end: { type: 'final' } } },
    west: { initial: 'busy', states: { busy: { invoke: { id: 'west', src: 'child', input: { at: 'west' }, onDone: { target: 'end', actions: [assign({ got: ({ context, event }) => ({ ...context.got, west: event.output.got }) }), mark('west')] } } }, end: { type: 'final' } } },
  },
});

export const listener = setup({
  types: {} as { context: { sum: number }; events: { type: 'add'; amount: number } | { type: 'tell' } | { type: 'cancel' }; output: { sum: number } },
}).createMachine({
  id: 'listener', context: { sum: 0 }, initial: 'open', output: ({ context }) => ({ sum: context.sum }),
  states: {
    open: {
      on: {
        add: { actions: [assign({ sum: ({ context, event }) => context.sum + event.amount }), sendParent(({ context, event }) => ({ type: 'added', sum: context.sum + event.amount }))] },
        tell: 'end', cancel: 'end',
      },
    },
    end: { type: 'final' },
  },
});

/** Speaks with its child, in turns, and emits what it hears. */
export const talk = setup({
  types: {} as { context: { sums: readonly number[]; last: number }; events: { type: 'added'; sum: number }; emitted: { type: 'sum'; sum: number } },
  actors: { listener }, guards: { done: ({ context }) => context.sums.length >= 3 },
}).createMachine({
  id: 'talk', context: { sums: [], last: 0 }, initial: 'speaking', output: ({ context }) => context,
  states: {
    speaking: {
      tags: ['running'],
      invoke: { id: 'listener', src: 'listener', onDone: { target: 'end', actions: assign({ last: ({ event }) => event.output.sum }) } },
      initial: 'saying',
      states: {
        saying: { entry: sendTo('listener', ({ context }) => ({ type: 'add', amount: 2 + context.sums.length })), on: { added: { target: 'thinking', actions: [assign({ sums: ({ context, event }) => [...context.sums, event.sum] }), emit(({ event }) => ({ type: 'sum', sum: event.sum }))] } } },
        thinking: { always: { guard: 'done', target: 'closing' }, after: { 600: 'saying' } },
        closing: { entry: sendTo('listener', { type: 'tell' }) },
      },
    },
    end: { type: 'final' },
  },
});
