import type { AnyStateMachine } from 'xstate';
import { readOnlyMachines } from '../../../../src/read-only-machines.ts';
import { eleven } from '../../../../bench/sagas.ts';
import { parked } from '../../../../bench/worker-machines.ts';
import { sandboxDefinition } from '../../../../examples/sandbox/sandbox.ts';
import { tripDefinition } from '../../../../examples/trip/trip.ts';
import { orderDefinition, type Shop } from '../../../../examples/order/order.ts';
import { zoo } from '../../kernel/support/zoo.ts';
import { foreign } from './foreign.ts';
import { sagas } from './sagas.ts';

const own = [...readOnlyMachines(), tripDefinition('unused'), orderDefinition({} as Shop), sandboxDefinition('unused'), eleven, parked, ...sagas].map(({ stamp, machine }) => [stamp.name, machine] as const);
const tried = Object.entries(zoo).map(([name, { machine }]) => [`zoo ${name}`, machine] as const);

/** Every machine of the repository, and ten of other shapes. */
export const machines: readonly (readonly [name: string, machine: AnyStateMachine])[] = [...own, ...tried, ...Object.entries(foreign)];
