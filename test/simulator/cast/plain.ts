import { assign, emit, setup } from 'xstate';
import { activity } from '../../../src/kernel/activity.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { orderDefinition } from '../../../examples/order/order.ts';
import { noHands as noDeeds } from '../../crash/matrix/hands.ts';
import { millScenario } from '../../crash/matrix/mill.ts';
import { bellMachine, childMachine, parentMachine } from '../../unit/host/family.ts';
import { parcel } from '../../unit/host/machines.ts';

const done = (what: string) => () => Promise.resolve(what);

/** A chart in which three things go on at once, the last of them to end closes it; an endless one by itself. */
const workshop: Definition = defineMachine({
  version: '1',
  machine: setup({
    types: {} as { context: { made: readonly string[] }; events: { type: 'hurry' }; emitted: { type: 'made'; count: number } },
    actors: { cut: activity<string>(done('cut')), sand: activity<string>(done('sanded')) },
    actions: { ring: (_scope, _params: { at: string }) => undefined },
    delays: { drying: 7_000, closing: 25_000 },
  }).createMachine({
    id: 'workshop', type: 'parallel', context: { made: [] },
    states: {
      saw: {
        initial: 'cutting',
        states: {
          cutting: { invoke: { id: 'cut', src: 'cut', onDone: { target: 'drying', actions: [assign({ made: ({ context, event }) => [...context.made, event.output] }), { type: 'ring', params: { at: 'cut' } }] }, onError: { target: 'cutting', reenter: true } } },
          drying: { after: { drying: 'idle' }, on: { hurry: 'idle' } },
          idle: { type: 'final' },
        },
      },
      bench: {
        initial: 'sanding',
        states: {
          sanding: { invoke: { id: 'sand', src: 'sand', onDone: { target: 'idle', actions: [assign({ made: ({ context, event }) => [...context.made, event.output] }), emit(({ context }) => ({ type: 'made' as const, count: context.made.length }))] }, onError: 'idle' } },
          idle: { type: 'final' },
        },
      },
      door: { initial: 'open', states: { open: { after: { closing: 'closed' } }, closed: { type: 'final' } } },
    },
  }),
});

/** Ordinary XState machines: activities, timers, commands, children, emits, actions, history. */
export function plains(): readonly Definition[] {
  const child = childMachine(done('gold'));
  const nothing = (): Promise<void> => Promise.resolve();
  return [
    parcel((name) => done(name) as () => Promise<unknown>), child, parentMachine(child),
    bellMachine(done('rung'), () => undefined), workshop,
    orderDefinition({ charge: (_amount, key) => Promise.resolve(`receipt of ${key}`), refund: nothing }, 9_000),
    ...millScenario.definitions({ ...noDeeds, act: nothing, notice: nothing, has: () => false }),
  ];
}
