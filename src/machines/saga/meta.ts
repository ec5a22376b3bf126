import { timeoutOf } from './find.ts';
import { retryOf, undoRetryOf } from './policy.ts';
import type { Step } from './step.ts';
import type { SagaSpec } from './types.ts';

/*
 * What decides how a log is folded but does not show in the states: it stands in the chart's `meta`, so that the
 * definition's hash changes with it and a log is never folded by other rules than it was written by.
 */

export const forwardMeta = (spec: SagaSpec, step: Step): Record<string, unknown> => ({
  needs: Object.keys(step.needs.shape),
  gives: Object.keys(step.gives.shape),
  retry: retryOf(spec, step),
  ...(timeoutOf(step) === undefined ? {} : { timeoutMs: timeoutOf(step) }),
  ...(step.skipIf ? { skips: true } : {}),
  ...(step.skipGives === undefined ? {} : { skipGives: step.skipGives }),
});

export const backwardMeta = (spec: SagaSpec, step: Step): Record<string, unknown> => ({ retry: undoRetryOf(spec, step) });
