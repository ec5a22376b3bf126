import type { ActivityCode, ActivityScope } from '../../kernel/definition.ts';
import { MillraceError, RetryableError, TerminalError } from '../../kernel/errors.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { given, issues } from './data.ts';
import { badStepInput, badStepOutput, messageOf } from './failures.ts';
import { checkOf, isChild } from './find.ts';
import { othersToAsk, type FinalCheckInput, type FinalCheckOutput } from './final-check.ts';
import { checkId, finalCheckId, runId, undoId } from './names.ts';
import type { ActivityStep, Step, StepScope } from './step.ts';
import { targetChangedCode } from './target-changed.ts';
import type { SagaSpec } from './types.ts';
import type { z } from 'zod';

/** What the chart hands to a step's code. `output` only to an undo, and only when the step is known to be done. */
export interface StepInput {
  readonly needs: JsonObject;
  readonly attempt: number;
  readonly output?: JsonObject;
}

/** What a `check` answers. */
export type Found = { readonly found: false; readonly gives: null } | { readonly found: true; readonly gives: JsonObject };

type Code = (scope: ActivityScope<StepInput>) => Promise<Json>;

/** Every step's code under the names its invokes use. */
export function activitiesOf(spec: SagaSpec): Record<string, ActivityCode> {
  const { steps } = spec;
  const code: Record<string, Code> = {};
  for (const step of steps) {
    if (!isChild(step)) code[runId(step.name)] = runCode(step);
    const check = checkOf(step);
    if (check) code[checkId(step.name)] = checkCode(step, check);
    const others = othersToAsk(spec, step);
    if (others.length > 0) code[finalCheckId(step.name)] = finalCheckCode(others) as unknown as Code;
    if (step.undo) code[undoId(step.name)] = undoCode(step, step.undo);
  }
  return code as Record<string, ActivityCode>;
}

const runCode = (step: ActivityStep<z.ZodObject, z.ZodObject>): Code => (scope) =>
  guarded(step.name, async () => checked(step, await step.run(stepScope(step, scope))));

const checkCode = (step: Step, check: NonNullable<ActivityStep<z.ZodObject, z.ZodObject>['check']>): Code => (scope) =>
  guarded(step.name, async (): Promise<Found> => {
    const gives = await check(stepScope(step, scope));
    return gives === undefined ? { found: false, gives: null } : { found: true, gives: checked(step, gives) };
  });

/** One that cannot say now is asked again right before its run; only what has changed ends it. */
const finalCheckCode = (others: readonly Step[]) => async (scope: ActivityScope<FinalCheckInput>): Promise<FinalCheckOutput> => {
  const found: Record<string, JsonObject> = {};
  for (const { step: name, ...input } of scope.input.asks) {
    const step = others.find((other) => other.name === name);
    const check = step === undefined ? undefined : checkOf(step);
    if (step === undefined || check === undefined) continue;
    try {
      const gives = await check(stepScope(step, { ...scope, input }));
      if (gives !== undefined) found[name] = checked(step, gives);
    } catch (error) {
      scope.signal.throwIfAborted();
      if (error instanceof TerminalError && error.code === targetChangedCode) throw new TerminalError(error.code, `step "${name}": ${error.message}`, { ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error });
    }
  }
  return { found };
};

const undoCode = (step: Step, undo: NonNullable<Step['undo']>): Code => (scope) =>
  guarded(step.name, async () => {
    await undo({ ...stepScope(step, scope), output: scope.input.output });
    return null;
  });

function stepScope(step: Step, scope: ActivityScope<StepInput>): StepScope<JsonObject> {
  const needs = step.needs.safeParse(scope.input.needs);
  if (!needs.success) throw thrown(badStepInput(step.name, issues(needs.error)));
  return { ...scope, input: needs.data as JsonObject, attempt: scope.input.attempt, stepKey: `${scope.actor}/${step.name}` };
}

function checked(step: Step, gives: unknown): JsonObject {
  try {
    return given(step, gives);
  } catch (error) {
    throw thrown(badStepOutput(step.name, messageOf(error)), error);
  }
}

const thrown = (failure: { code: string; message: string; hint?: string }, cause?: unknown): TerminalError =>
  new TerminalError(failure.code, failure.message, { ...(failure.hint === undefined ? {} : { hint: failure.hint }), cause });

/** An error nobody classified may pass by itself, so it is retryable; only a TerminalError is final. */
async function guarded(step: string, work: () => Promise<Json>): Promise<Json> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    throw new RetryableError('step_failed', `step "${step}" failed: ${messageOf(error)}`, { cause: error });
  }
}
