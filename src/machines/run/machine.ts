import { defineMachine } from '../../kernel/define.ts';
import type { Definition } from '../../kernel/definition.ts';
import type { Json } from '../../kernel/json.ts';
import { runChart } from './chart.ts';
import { runCommands, type RunContext } from './context.ts';
import { runInput } from './input.ts';
import type { RunOutput } from './output.ts';
import type { RunPorts } from './ports.ts';
import { runRefusals } from './refusals.ts';

/** A build that succeeded, as runners that keep artifacts say it. */
const example: Json = { status: 'succeeded', buildId: 'example', metadata: { artifact: '0'.repeat(64), durationMs: '1000' }, infrastructure: false } satisfies RunOutput & Json;

/**
 * One build at a runner. Created by `trigger` with a {@link runInput}. Takes `cancel {reason?}`; `stop` and
 * `start {reason?}` where the runner can pause; `signal` (a webhook: ask the runner now); `promise {exitStatus,
 * reason?}`, a floor for the final status. Ends with a `RunOutput`.
 */
export function runDefinition(ports: RunPorts): Definition {
  return defineMachine({
    machine: runChart(ports), version: '1', createdBy: 'trigger', input: runInput, commands: runCommands, refusals: runRefusals, answersParent: true,
    requests: (context) => (context as unknown as RunContext).requests, example: () => example,
  });
}
