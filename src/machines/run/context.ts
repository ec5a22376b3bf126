import type { Failure } from '../../kernel/errors.ts';
import { cadenceOf, runInput, type Cadence, type RunInput } from './input.ts';
import type { Metadata, RunStatus } from './runner.ts';

/** Why the build is not wanted any more. The first reason stands. */
export interface Unwanted {
  readonly because: 'cancel' | 'deadline' | 'unreachable';
  readonly reason: string;
}

/** How a run ended. Written once. */
export interface RunOutput {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly buildId?: string;
  readonly metadata: Metadata;
  readonly reason?: string;
  /** The build is not to blame: it could not be started, asked or finished. */
  readonly infrastructure: boolean;
}

/** Everything a run knows. Plain JSON; `null` is "not yet". */
export interface RunContext {
  readonly request: Pick<RunInput, 'runner' | 'base' | 'head' | 'metadata'>;
  readonly cadence: Cadence;
  readonly deadlineMs: number;
  readonly cancelGraceMs: number;
  readonly buildId: string | null;
  /** What the runner said last. */
  readonly status: RunStatus;
  /** Calls that failed one after the other; a success forgets them. */
  readonly failures: number;
  /** How often the runner was asked to cancel. */
  readonly asks: number;
  /** Somebody said that there is news: ask again at once. */
  readonly signalled: boolean;
  readonly unwanted: Unwanted | null;
  readonly ended: RunOutput | null;
}

export type RunEvent =
  | { readonly type: 'cancel'; readonly reason?: string }
  | { readonly type: 'signal' };

export function firstContext(input: unknown): RunContext {
  const { runner, base, head, metadata, poll, deadlineMs, cancelGraceMs } = runInput.parse(input);
  return {
    request: { runner, base, head, metadata }, cadence: cadenceOf({ runner, poll }), deadlineMs, cancelGraceMs,
    buildId: null, status: 'unknown', failures: 0, asks: 0, signalled: false, unwanted: null, ended: null,
  };
}

/** Consecutive failures of one call before it is given up. */
export const failureBudget = 10;
/** Cancels that are sent in all. */
export const cancelBudget = 5;

/** Durable back-off after `failures` failures in a row, ms. */
export const backoff = (failures: number): number => Math.min(60_000, 1000 * 2 ** Math.max(0, failures - 1));

/** Until the runner is asked again: its cadence while it answers, else the back-off. */
export function untilNextCheck({ failures, status, cadence }: RunContext): number {
  if (failures > 0) return backoff(failures);
  return status === 'running' ? cadence.runningMs : cadence.acceptedMs;
}

/** Until a build that was asked to stop and did not is asked once more. */
export const untilNextAsk = ({ asks }: RunContext): number => 30_000 * 2 ** Math.max(0, asks - 1);

/** The failure in an invoke's error event. */
export const failureIn = (event: unknown): Failure => (event as { readonly error: Failure }).error;
