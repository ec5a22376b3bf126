import { defineMachine } from '../../kernel/define.ts';
import type { Definition } from '../../kernel/definition.ts';
import { requestChart } from './chart.ts';

/** To be looked at: no worker carries requests, they live in the actors they are for. */
export const requestDefinition = (): Definition => defineMachine({ machine: requestChart, version: '1' });
