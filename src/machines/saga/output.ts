import { badOutput, messageOf } from './failures.ts';
import { plainJson } from './data.ts';
import { undoOrderOf } from './undo-order.ts';
import type { SagaContext, SagaEnd, SagaOutput, SagaSpec } from './types.ts';

/** What a finished saga says to its parent and to people. */
export function outputOf(spec: SagaSpec, context: SagaContext): SagaOutput {
  const said = {
    undone: context.undone,
    left: context.abandoned ? leftOf(spec, context) : [],
    warnings: context.warnings,
    ...(context.error === null ? {} : { error: context.error }),
  };
  const status = context.phase as SagaEnd;
  if (status !== 'completed') return { status, ...said };
  try {
    return { status, output: plainJson(spec.output ? spec.output(context.data) : context.data), ...said };
  } catch (error) {
    return { status, ...said, warnings: [...context.warnings, { step: 'output', error: badOutput(messageOf(error)) }] };
  }
}

const leftOf = (spec: SagaSpec, context: SagaContext): string[] =>
  undoOrderOf(spec)(context).filter((name) => context.steps[name]?.status === 'left');
