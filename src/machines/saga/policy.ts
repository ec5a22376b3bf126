import type { RetryPolicy, Step } from './step.ts';
import type { SagaSpec } from './types.ts';

/** For steps that say nothing about retries. */
const defaultRetry: RetryPolicy = { attempts: 3, delayMs: 1_000, factor: 2, maxDelayMs: 30_000 };

/** Undo matters more than speed: more attempts, longer pauses. */
const defaultUndoRetry: RetryPolicy = { attempts: 5, delayMs: 1_000, factor: 2, maxDelayMs: 60_000 };

export const retryOf = (spec: SagaSpec, step: Step): RetryPolicy => step.retry ?? spec.rules?.retry ?? defaultRetry;

export const undoRetryOf = (spec: SagaSpec, step: Step): RetryPolicy =>
  step.undoRetry ?? spec.rules?.undoRetry ?? defaultUndoRetry;

/** Milliseconds to wait after attempt number `attempt` (from 1) failed. */
export function delayAfter(policy: RetryPolicy, attempt: number): number {
  const delay = policy.delayMs * (policy.factor ?? 2) ** (Math.max(1, attempt) - 1);
  return Math.round(Math.min(delay, policy.maxDelayMs ?? Number.MAX_SAFE_INTEGER));
}
