import { assign, setup } from 'xstate';
import { z } from 'zod';
import { activity, defineMachine, type Definition } from '../../src/index.ts';

/** What the order needs of the world. `key` is the same after every crash: charging twice is one charge. */
export interface Shop {
  readonly charge: (amount: number, key: string) => Promise<string>;
  readonly refund: (receipt: string, key: string) => Promise<void>;
}

interface Order {
  readonly amount: number;
  readonly receipt: string;
  readonly reminders: number;
}

/** An ordinary XState machine: charge, wait for the parcel to be picked up, remind twice, give the money back. */
export function orderDefinition(shop: Shop, patienceMs = 60_000): Definition {
  const machine = setup({
    types: {} as { context: Order; input: { amount: number }; events: { type: 'pick-up' } | { type: 'cancel' } },
    actors: {
      charge: activity<string, { amount: number }>(({ input, key }) => shop.charge(input.amount, key)),
      refund: activity<void, { receipt: string }>(({ input, key }) => shop.refund(input.receipt, key)),
    },
    actions: { countReminder: assign({ reminders: ({ context }) => context.reminders + 1 }) },
    guards: { mayRemind: ({ context }) => context.reminders < 2 },
    delays: { patience: patienceMs },
  }).createMachine({
    id: 'order',
    context: ({ input }) => ({ amount: input.amount, receipt: '', reminders: 0 }),
    initial: 'charging',
    states: {
      charging: {
        invoke: {
          id: 'charge', src: 'charge', input: ({ context }) => ({ amount: context.amount }),
          onDone: { target: 'ready', actions: assign({ receipt: ({ event }) => event.output }) },
          onError: 'declined',
        },
      },
      ready: {
        on: { 'pick-up': 'delivered', cancel: 'refunding' },
        after: { patience: [{ guard: 'mayRemind', target: 'ready', reenter: true, actions: 'countReminder' }, { target: 'refunding' }] },
      },
      refunding: {
        invoke: { id: 'refund', src: 'refund', input: ({ context }) => ({ receipt: context.receipt }), onDone: 'refunded' },
      },
      delivered: { type: 'final' },
      refunded: { type: 'final', tags: 'cancelled' },
      declined: { type: 'final', tags: 'failed' },
    },
  });
  return defineMachine({ machine, version: '1', input: z.object({ amount: z.number().positive() }) });
}
