import type { AnyStateMachine } from 'xstate';
import { readOnlyMachines } from '../../../../src/read-only-machines.ts';
import { tripDefinition } from '../../../../examples/trip/trip.ts';
import { orderDefinition, type Shop } from '../../../../examples/order/order.ts';
import { zoo } from '../../kernel/support/zoo.ts';
import { foreign } from './foreign.ts';

const own = [...readOnlyMachines(), tripDefinition('unused'), orderDefinition({} as Shop)].map(({ stamp, machine }) => [stamp.name, machine] as const);
const tried = Object.entries(zoo).map(([name, { machine }]) => [`zoo ${name}`, machine] as const);

/** Every machine of the repository, and ten of other shapes. */
export const machines: readonly (readonly [name: string, machine: AnyStateMachine])[] = [...own, ...tried, ...Object.entries(foreign)];
