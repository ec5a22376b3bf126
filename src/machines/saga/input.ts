import type { Json, JsonObject } from '../../kernel/json.ts';
import type { StepInput } from './activities.ts';
import { progressOf } from './context.ts';
import { childInput, pick } from './data.ts';
import { isChild } from './find.ts';
import type { Step } from './step.ts';
import type { SagaContext } from './types.ts';

/** What a step's run or check is handed; a child step's actor is created with what `childInput` says. */
export function runInput(step: Step, context: SagaContext): Json {
  if (!isChild(step)) return asJson({ needs: pick(step.needs, context.data), attempt: progressOf(context, step.name).attempts });
  const made = childInput(step, context.data);
  return 'input' in made ? made.input : {};
}

/** What a step's undo is handed. No `output` when the step may have been applied in part. */
export function undoInput(step: Step, context: SagaContext): Json {
  const { applied, undoAttempts } = progressOf(context, step.name);
  const needs = pick(step.needs, context.data);
  return asJson(applied === 'yes'
    ? { needs, attempt: undoAttempts, output: pick(step.gives, context.data) }
    : { needs, attempt: undoAttempts });
}

const asJson = (input: StepInput): JsonObject => ({ ...input });
