import type { ActivityScope, Definition } from '../../../src/kernel/definition.ts';
import { TerminalError } from '../../../src/kernel/errors.ts';
import { valueOf } from '../../../src/kernel/status.ts';
import { orderDefinition } from '../../../examples/order/order.ts';
import { parcel } from '../../unit/host/machines.ts';
import type { Hands } from './hands.ts';
import type { Scenario, Wish } from './scenario.ts';

const parcels = (hangs?: string) => (hands: Hands): readonly Definition[] => [
  parcel((name) => async ({ key, actor, signal }: ActivityScope) => {
    await hands.act({ key, what: name, signal, adds: `${name} of ${actor}`, ...(name === hangs ? { hangs: `${actor} ${name}` } : {}) });
    return `${name} done`;
  }),
];

const parcelStock = ['load of parcel/p1', 'ship of parcel/p1'];
const create: Wish = { to: 'parcel/p1', command: 'create', body: { weight: 2 } };

const orders = (declined = false) => (hands: Hands): readonly Definition[] => [
  orderDefinition({
    async charge(_amount, key) {
      await hands.act({ key, what: 'charge', adds: 'money' });
      if (declined) throw new TerminalError('declined', 'the card is declined');
      return `receipt of ${key}`;
    },
    refund: (_receipt, key) => hands.act({ key, what: 'refund', removes: 'money' }),
  }),
];

const order: Wish = { to: 'order/o1', command: 'create', body: { amount: 5 } };
const whenReady = (command: string): Wish => ({ to: 'order/o1', command, when: (state) => valueOf(state) === 'ready' });

/** Ordinary XState machines: activities, timers, commands. */
export const plainScenarios: readonly Scenario[] = [
  { name: 'a parcel', definitions: parcels(), wishes: [create], ends: { 'parcel/p1': 'completed' }, stock: parcelStock },
  {
    name: 'a parcel that is stopped while it is loaded, labelled and started again', definitions: parcels('load'),
    wishes: [
      create,
      { to: 'parcel/p1', command: 'stop', when: (_state, { hung }) => hung.has('parcel/p1 load') },
      { to: 'parcel/p1', command: 'label', body: { text: 'fragile' }, when: (state) => valueOf(state) === 'paused' },
      { to: 'parcel/p1', command: 'start', when: (state) => valueOf(state) === 'paused' && state.seq === 3 },
    ],
    ends: { 'parcel/p1': 'completed' }, stock: parcelStock,
  },
  { name: 'an order that is picked up', definitions: orders(), wishes: [order, whenReady('pick-up')], ends: { 'order/o1': 'completed' }, stock: ['money'] },
  { name: 'an order that is cancelled', definitions: orders(), wishes: [order, whenReady('cancel')], ends: { 'order/o1': 'cancelled' }, stock: [] },
  { name: 'an order that nobody picks up', definitions: orders(), wishes: [order], ends: { 'order/o1': 'cancelled' }, stock: [] },
  { name: 'an order whose card is declined', definitions: orders(true), wishes: [order], ends: { 'order/o1': 'failed' }, stock: ['money'] },
];
