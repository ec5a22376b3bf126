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
    requests: [],
    refused: null,
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
  const before = progressOf(context, step) as unknown as Readonly<Record<string, unknown>>;
  const after = change as Readonly<Record<string, unknown>>;
  const merged: Record<string, unknown> = {};
  for (const key in before) if (!(key in after)) merged[key] = before[key];
  for (const key in after) if (after[key] !== undefined) merged[key] = after[key];
  return { steps: { ...context.steps, [step]: merged as unknown as StepProgress } };
}

/** Was it found done by a final check, before its turn came? */
export function isFoundAhead(context: SagaContext, step: string): boolean {
  const { status, foundDone } = progressOf(context, step);
  return status === 'done' && foundDone === true;
}

/** Must this step be undone, as far as the saga can know? */
export const needsUndo = (context: SagaContext, step: Step): boolean =>
  step.undo !== undefined && progressOf(context, step.name).applied !== 'no';

/** May what comes after this step begin? Bookkeeping holds nothing up. */
export function isOver(context: SagaContext, step: Step): boolean {
  const { status } = progressOf(context, step.name);
  return status === 'done' || status === 'skipped' || (step.bookkeeping === true && status === 'failed');
}

/** Does code of a step run, or is a failure of it still to be judged? */
export const isWorking = (context: SagaContext): boolean =>
  Object.values(context.steps).some(({ status }) => status === 'checking' || status === 'running');
