import { z } from 'zod';
import { defineMachine } from '../../kernel/define.ts';
import type { Definition } from '../../kernel/definition.ts';
import type { RunPorts } from './activities.ts';
import { runChart } from './chart.ts';
import { runInput } from './input.ts';

/**
 * One build at a runner. Created by `trigger` with a {@link runInput}; takes `cancel {reason?}`, and
 * `signal` (a webhook: ask the runner now). Ends with a `RunOutput`.
 */
export function runDefinition(ports: RunPorts): Definition {
  return defineMachine({
    machine: runChart(ports),
    version: '1',
    createdBy: 'trigger',
    input: runInput,
    commands: { cancel: z.object({ reason: z.string().optional() }), signal: z.object({}).loose() },
  });
}
