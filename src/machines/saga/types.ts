import type { z } from 'zod';
import type { Failure } from '../../kernel/errors.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { ControlRequest } from '../../kernel/request.ts';
import type { Failing } from './failing.ts';
import type { RetryPolicy, Step } from './step.ts';

/** What `defineSaga` is given. */
export interface SagaSpec {
  /** One token of `a-z A-Z 0-9 - _`. */
  readonly name: string;
  readonly version: string;
  /** Earlier versions whose sagas this one goes on with, as far as their logs fold: see `defineMachine`. */
  readonly resumesFrom?: readonly string[];
  /** What the creating command's body must be; its keys are the first givers of the saga's data. */
  readonly input: z.ZodObject;
  /** What a step needs is given by the input or by a step before it in this list. */
  readonly steps: readonly Step[];
  /**
   * `listed` (default): one step after the other, undone in reverse. `by-needs`: each step as soon as those are over
   * that give what it needs or that it names in `after`, several at the same time; undone in the reverse order of completion.
   */
  readonly order?: 'listed' | 'by-needs';
  /** The command that creates an actor. Default `create`. */
  readonly createdBy?: string;
  /** What a completed saga shows, made from its data. Pure. Default: all of the data. */
  readonly output?: (data: JsonObject) => Json;
  /** Retry rules for steps that bring none of their own. */
  readonly rules?: { readonly retry?: RetryPolicy; readonly undoRetry?: RetryPolicy };
}

/** How a saga can end. */
export type SagaEnd = 'completed' | 'failed' | 'cancelled';

export type StepStatus =
  | 'pending' | 'checking' | 'running' | 'done' | 'skipped' | 'failed' | 'undone' | 'undo-failed' | 'left';

export interface StepProgress {
  readonly status: StepStatus;
  /** What this saga may have changed: `maybe` from the moment the step's code may run until its result is known. */
  readonly applied: 'no' | 'maybe' | 'yes';
  /** Attempts since the step was entered. */
  readonly attempts: number;
  readonly undoAttempts: number;
  /** The last failure of its code. */
  readonly error?: Failure;
  /** The last failure of its undo. */
  readonly undoError?: Failure;
  readonly skippedBecause?: string;
  /** Its `check` found it done, so `run` was not called. */
  readonly foundDone?: boolean;
  /** Its child is stopped, and has not told yet that it goes on. */
  readonly childStopped?: boolean;
  /** The time-out struck; the end of the aborted run is awaited. */
  readonly timedOut?: boolean;
}

/** What the people who control the saga want of it now; who asked, and why. */
export interface Wish {
  readonly wish: 'run' | 'stop' | 'cancel';
  readonly by?: string;
  readonly reason?: string;
}

/** Why the saga cannot go on by itself. `retry-undo` and `abandon` are the ways out. */
export interface Blocked {
  readonly step: string;
  readonly error: Failure;
  readonly attempts: number;
  /** What is still to be undone, the blocked step first. */
  readonly remaining: readonly string[];
}

export interface Warning {
  readonly step: string;
  readonly error: Failure;
}

/** Everything a saga knows. Plain JSON; `null` is "not yet" or "no longer". */
export interface SagaContext {
  /** The saga's input and every output so far. */
  readonly data: JsonObject;
  readonly steps: Readonly<Record<string, StepProgress>>;
  /** Steps in the order they were completed. */
  readonly order: readonly string[];
  /** Steps in the order they were undone. */
  readonly undone: readonly string[];
  readonly control: Wish;
  /** What people asked of it and what became of that: what is pending, and what was settled last. */
  readonly requests: readonly ControlRequest[];
  /** Why the last start did not go on: something is not as it was when the saga was stopped. */
  readonly refused: Failure | null;
  readonly phase: 'forward' | 'paused' | 'undoing' | 'blocked' | SagaEnd;
  /** The first failure that turned the saga round. */
  readonly error: Failure | null;
  readonly blocked: Blocked | null;
  /** Who gave up the rest of the undo, and why. */
  readonly abandoned: { readonly by?: string; readonly reason?: string } | null;
  readonly warnings: readonly Warning[];
  /** The child that runs now has promised to fail. */
  readonly failing?: Failing;
}

/** What a finished saga says. */
export interface SagaOutput {
  readonly status: SagaEnd;
  /** Only of a completed saga. */
  readonly output?: Json;
  readonly error?: Failure;
  readonly undone: readonly string[];
  /** Not undone because an operator abandoned the undo. */
  readonly left: readonly string[];
  readonly warnings: readonly Warning[];
}

/** An event as the chart sees it: a command, or the end of an invoke. */
export interface SagaEvent {
  readonly type: string;
  readonly by?: string;
  readonly reason?: string;
  readonly output?: unknown;
  readonly error?: unknown;
}
