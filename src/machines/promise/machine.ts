import { defineMachine } from '../../kernel/define.ts';
import type { Definition } from '../../kernel/definition.ts';
import type { PromisePorts } from './activities.ts';
import { promiseChart } from './chart.ts';
import { promiseInput } from './input.ts';

/**
 * One promised failure. Created by `declare` with a {@link promiseInput}; its name is that of
 * `promiseActor`. Takes nothing else. Ends with a `PromiseOutput`.
 */
export function promiseDefinition(ports: PromisePorts): Definition {
  return defineMachine({ machine: promiseChart(ports), version: '1', createdBy: 'declare', input: promiseInput, commands: {} });
}
