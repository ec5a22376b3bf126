import { assign, setup } from 'xstate';
import { z } from 'zod';
import { activity } from '../../../src/kernel/activity.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { ActivityScope, Definition } from '../../../src/kernel/definition.ts';

/** Activities whose end the test decides. */
export function handwork() {
  const runs: { readonly name: string; readonly scope: ActivityScope; readonly finish: (output: unknown) => void; readonly fail: (error: unknown) => void }[] = [];
  const code = (name: string) => (scope: ActivityScope): Promise<unknown> =>
    new Promise((resolve, reject) => {
      runs.push({ name, scope, finish: resolve, fail: reject });
      scope.signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  return { runs, code };
}

/** load -> ship -> done; `stop` leaves for paused, `start` comes back; waiting between with a timer. */
export function parcel(code: (name: string) => (scope: ActivityScope) => Promise<unknown>): Definition {
  const machine = setup({
    types: {} as { context: { weight: number; loaded: string }; input: { weight: number }; events: { type: 'stop' } | { type: 'start' } | { type: 'label'; text: string } },
    actors: { load: activity<string, { weight: number }>(code('load') as never), ship: activity<string>(code('ship') as never) },
    delays: { rest: 60_000 },
  }).createMachine({
    id: 'parcel',
    context: ({ input }) => ({ weight: input.weight, loaded: '' }),
    initial: 'loading',
    on: { label: { actions: assign({ loaded: ({ event }) => event.text }) } },
    states: {
      loading: {
        on: { stop: 'paused' },
        invoke: { id: 'load', src: 'load', input: ({ context }) => ({ weight: context.weight }), onDone: { target: 'resting', actions: assign({ loaded: ({ event }) => event.output }) }, onError: 'broken' },
      },
      paused: { on: { start: 'loading' } },
      resting: { after: { rest: 'shipping' } },
      shipping: { invoke: { id: 'ship', src: 'ship', onDone: 'shipped', onError: 'broken' } },
      shipped: { type: 'final' },
      broken: { type: 'final', tags: 'failed' },
    },
  });
  return defineMachine({ machine, version: '1', input: z.object({ weight: z.number().positive() }), commands: { label: z.strictObject({ text: z.string() }) } });
}
