import type { AnyStateMachine } from 'xstate';
import { readOnlyMachines } from '../../../../src/read-only-machines.ts';
import { counter } from '../../../../bench/load.ts';
import { eleven, turning } from '../../../../bench/sagas.ts';
import { alarm } from '../../../../bench/timers.ts';
import { parked } from '../../../../bench/worker-machines.ts';
import { sandboxDefinition } from '../../../../examples/sandbox/sandbox.ts';
import { tripDefinition } from '../../../../examples/trip/trip.ts';
import { orderDefinition, type Shop } from '../../../../examples/order/order.ts';
import { plains } from '../../../simulator/cast/plain.ts';
import { foreigners } from '../../../simulator/foreign/machines.ts';
import { zoo } from '../../kernel/support/zoo.ts';
import { foreign } from './foreign.ts';
import { sagas } from './sagas.ts';

const own = [...readOnlyMachines(), tripDefinition('unused'), orderDefinition({} as Shop), sandboxDefinition('unused'), eleven, turning, parked, counter, alarm, ...sagas, ...plains()].map(({ stamp, machine }) => [stamp.name, machine] as const);
const strangers = foreigners.map(({ machine }) => [`foreign ${machine.id}`, machine] as const);
const tried = Object.entries(zoo).map(([name, { machine }]) => [`zoo ${name}`, machine] as const);

/** Every machine of the repository, and ten of other shapes. */
export const machines: readonly (readonly [name: string, machine: AnyStateMachine])[] = [...own, ...strangers, ...tried, ...Object.entries(foreign)];
