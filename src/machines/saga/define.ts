import { defineMachine } from '../../kernel/define.ts';
import type { Definition } from '../../kernel/definition.ts';
import { activitiesOf } from './activities.ts';
import { sagaChart } from './chart.ts';
import { checkSpec } from './checks.ts';
import { sagaCommands } from './commands.ts';
import { sagaRefusals } from './refusals.ts';
import { exampleEnd, exampleOutputs } from './examples.ts';
import { failingCommands, hasChildren } from './failing.ts';
import { isChild } from './find.ts';
import { runId } from './names.ts';
import { answeringCommands, hasAnswering } from './answering.ts';
import type { SagaContext, SagaSpec } from './types.ts';

/**
 * A saga: steps one after the other or as their needs allow, undone in reverse. Compiles to an explicit chart and makes it durable.
 * @throws TerminalError `bad_saga_name`, `bad_saga_command`, `no_steps`, `bad_step_name`, `reserved_step_name`,
 * `duplicate_step`, `bad_step_work`, `bad_child_step`, `bad_timeout`, `bad_retry`, `bad_skip_gives`,
 * `bad_saga_order`, `bad_after`, `unknown_need`, `two_givers`.
 */
export function defineSaga(spec: SagaSpec): Definition {
  checkSpec(spec);
  return defineMachine({
    version: spec.version,
    ...(spec.resumesFrom === undefined ? {} : { resumesFrom: spec.resumesFrom }),
    machine: sagaChart(spec),
    createdBy: spec.createdBy ?? 'create',
    input: spec.input,
    commands: { ...sagaCommands, ...(hasChildren(spec) ? failingCommands : {}), ...(hasAnswering(spec) ? answeringCommands : {}) },
    refusals: sagaRefusals,
    requests: (context) => (context as unknown as SagaContext).requests,
    example: () => exampleEnd(spec),
    exampleOutput: exampleOutputs(spec),
    activities: activitiesOf(spec),
    children: Object.fromEntries(spec.steps.flatMap((step) => (isChild(step) ? [[runId(step.name), step.child]] : []))),
  });
}
