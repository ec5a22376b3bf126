import type { JsonObject } from '../../kernel/json.ts';
import type { Step } from './step.ts';
import type { SagaContext, SagaSpec, StepProgress } from './types.ts';

const untouched: StepProgress = { status: 'pending', applied: 'no', attempts: 0, undoAttempts: 0 };

/** A saga that has done nothing yet. XState also calls this without input, to make throw-away actors. */
export function initialContext(spec: SagaSpec, input: unknown): SagaContext {
  return {
    data: dataOf(spec, input),
    steps: Object.fromEntries(spec.steps.map((step) => [step.name, untouched])),
    order: [],
    undone: [],
    control: { wish: 'run' },
    phase: 'forward',
    error: null,
    blocked: null,
    abandoned: null,
    warnings: [],
  };
}

/** The host has checked it before; here defaults are filled in. What does not fit is left to the steps that need it. */
function dataOf(spec: SagaSpec, input: unknown): JsonObject {
  const raw = typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as JsonObject) : {};
  const parsed = spec.input.safeParse(raw);
  return parsed.success ? (parsed.data as JsonObject) : raw;
}

export const progressOf = (context: SagaContext, step: string): StepProgress => context.steps[step] ?? untouched;

/** Changes what is known of one step. A value of `undefined` removes the key. */
export function note(context: SagaContext, step: string, change: { readonly [K in keyof StepProgress]?: StepProgress[K] | undefined }): Pick<SagaContext, 'steps'> {
  const merged: Record<string, unknown> = {};
  for (const [key, value] of Object.entries({ ...progressOf(context, step), ...change })) if (value !== undefined) merged[key] = value;
  return { steps: { ...context.steps, [step]: merged as unknown as StepProgress } };
}

/** Must this step be undone, as far as the saga can know? */
export const needsUndo = (context: SagaContext, step: Step): boolean =>
  step.undo !== undefined && progressOf(context, step.name).applied !== 'no';

/** What is still to be undone, in the order of the undo. */
export const remainingUndo = (context: SagaContext, steps: readonly Step[]): string[] =>
  steps.filter((step) => needsUndo(context, step)).map((step) => step.name).reverse();
