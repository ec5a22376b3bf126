import { assign, setup } from 'xstate';
import { z } from 'zod';
import { activity } from '../../../src/kernel/activity.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { ActivityScope, Definition } from '../../../src/kernel/definition.ts';

type Code = (scope: ActivityScope) => Promise<unknown>;

/** Works once, ends with what the work gave; `cancel` ends it earlier. Its name must be short. */
export function childMachine(work: Code): Definition {
  const machine = setup({
    types: {} as { context: { name: string; got: string }; input: { name: string }; events: { type: 'cancel' }; output: { got: string } },
    actors: { work: activity<string, { name: string }>(work as never) },
  }).createMachine({
    id: 'child',
    context: ({ input }) => ({ name: input.name, got: '' }),
    initial: 'working',
    output: ({ context }) => ({ got: context.got }),
    states: {
      working: {
        on: { cancel: 'cancelled' },
        invoke: { id: 'work', src: 'work', input: ({ context }) => ({ name: context.name }), onDone: { target: 'done', actions: assign({ got: ({ event }) => event.output }) } },
      },
      done: { type: 'final' },
      cancelled: { type: 'final', tags: 'cancelled' },
    },
  });
  return defineMachine({ machine, version: '1', input: z.object({ name: z.string().max(8) }) });
}

/** Has a child do the work; `leave` gives it up. */
export function parentMachine(child: Definition): Definition {
  const machine = setup({
    types: {} as { context: { name: string; got: string; error: string }; input: { name: string }; events: { type: 'leave' } },
    actors: { child: child.machine as never },
  }).createMachine({
    id: 'parent',
    context: ({ input }) => ({ name: input.name, got: '', error: '' }),
    initial: 'waiting',
    states: {
      waiting: {
        on: { leave: 'left' },
        invoke: {
          id: 'kid', src: 'child', input: ({ context }: { context: { name: string } }) => ({ name: context.name }),
          onDone: { target: 'done', actions: assign({ got: ({ event }) => (event.output as { got: string }).got }) },
          onError: { target: 'failed', actions: assign({ error: ({ event }) => (event.error as { code: string }).code }) },
        } as never,
      },
      done: { type: 'final' },
      left: { type: 'final', tags: 'cancelled' },
      failed: { type: 'final', tags: 'failed' },
    },
  });
  return defineMachine({ machine, version: '1', input: z.object({ name: z.string() }), children: { child } });
}

/** Rings a bell (a custom action) and says so (an emit) when its work is done or its timer fires; `more` is always taken. */
export function bellMachine(work: Code, ring: (at: string) => void): Definition {
  const machine = setup({
    types: {} as { context: { count: number }; events: { type: 'more' }; emitted: { type: 'rung' } },
    actors: { work: activity<string>(work as never) },
    actions: { ring: (_scope, params: { at: string }) => ring(params.at) },
    delays: { rest: 30_000 },
  }).createMachine({
    id: 'bell',
    context: { count: 0 },
    initial: 'working',
    on: { more: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
    states: {
      working: { invoke: { id: 'work', src: 'work', onDone: { target: 'resting', actions: { type: 'ring', params: { at: 'work' } } } } },
      resting: { after: { rest: { target: 'awake', actions: { type: 'ring', params: { at: 'timer' } } } } },
      awake: {},
    },
  });
  return defineMachine({ machine, version: '1' });
}
