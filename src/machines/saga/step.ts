import type { z } from 'zod';
import type { ActivityScope, Definition } from '../../kernel/definition.ts';
import type { Failure } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';

/** What a step's code is given. `input` is exactly what its `needs` schema picks from the saga's data. */
export interface StepScope<Needs> extends ActivityScope<Needs> {
  /** `<actor>/<step>`: the same for every attempt and for the undo. Name what you create after it. */
  readonly stepKey: string;
  /** 1 for the first attempt since the step was entered. */
  readonly attempt: number;
}

export interface UndoScope<Needs, Gives> extends StepScope<Needs> {
  /** What the step gave; undefined when it failed or was aborted and may have been applied in part. */
  readonly output: Gives | undefined;
}

/** Delays are `delayMs * factor ** (attempt - 1)`, at most `maxDelayMs`; durable timers. */
export interface RetryPolicy {
  /** How many times in all, the first one included. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly factor?: number;
  readonly maxDelayMs?: number;
}

interface StepBase<Needs extends z.ZodObject, Gives extends z.ZodObject> {
  /** kebab-case; a state of the chart is named after it. */
  readonly name: string;
  /** Keys taken from the saga's input and earlier steps' outputs. */
  readonly needs: Needs;
  /** Steps before it in the list that must be over before it begins, though it needs nothing they give. Only in sagas whose `order` is `by-needs`. */
  readonly after?: readonly string[];
  /** Keys this step adds. One key has one giver. */
  readonly gives: Gives;
  /** Takes back what `run` did. Must be harmless when repeated, and when nothing was done. */
  readonly undo?: (scope: UndoScope<z.output<Needs>, z.output<Gives>>) => Promise<void>;
  readonly retry?: RetryPolicy;
  readonly undoRetry?: RetryPolicy;
  /** A sentence why the step does not apply, or false. Pure. A skipped step gives `skipGives` and is not undone. */
  readonly skipIf?: (needs: z.output<Needs>) => string | false;
  readonly skipGives?: z.input<Gives>;
  /** After the point of no return: a failure is recorded as a warning and never reverts the saga. */
  readonly bookkeeping?: boolean;
}

/** A step whose work is an activity. */
export interface ActivityStep<Needs extends z.ZodObject, Gives extends z.ZodObject> extends StepBase<Needs, Gives> {
  readonly run: (scope: StepScope<z.output<Needs>>) => Promise<z.input<Gives>>;
  /** Is it already done? Asked right before `run`; what it returns is recorded and `run` is not called. */
  readonly check?: (scope: StepScope<z.output<Needs>>) => Promise<z.input<Gives> | undefined>;
  /** Aborts a longer `run` and counts it as a retryable failure. */
  readonly timeoutMs?: number;
}

/** A step whose work is another actor: the step ends when that actor does. Cancel reaches it as cancel. */
export interface ChildStep<Needs extends z.ZodObject, Gives extends z.ZodObject> extends StepBase<Needs, Gives> {
  readonly child: Definition;
  /**
   * What stop of the saga is to it. `cancel` (default): it is cancelled, and start makes a fresh one. `stop`: it is stopped, keeps
   * what it has done, and start starts it again; for children that take stop and start, as sagas do.
   */
  readonly onStop?: 'cancel' | 'stop';
  readonly childInput: (needs: z.output<Needs>) => Json;
  /** Reads the child's output. Pure. */
  readonly settle: (output: Json) => { readonly ok: true; readonly gives: z.input<Gives> } | { readonly ok: false; readonly error: Failure };
}

export type Step<Needs extends z.ZodObject = z.ZodObject, Gives extends z.ZodObject = z.ZodObject> =
  | ActivityStep<Needs, Gives>
  | ChildStep<Needs, Gives>;


/** Declare one step; only its types matter, it is returned as it came. */
export function step<Needs extends z.ZodObject, Gives extends z.ZodObject>(definition: Step<Needs, Gives>): Step {
  return definition as unknown as Step;
}
