import { z } from 'zod';
import { timeoutOf } from './find.ts';
import { retryOf, undoRetryOf } from './policy.ts';
import type { Step } from './step.ts';
import type { SagaSpec } from './types.ts';

/*
 * What decides how a log is folded but does not show in the states stands in the chart's `meta`: people can
 * read it there, and the definition's hash changes with it, so that no log is folded by rules it was not written by.
 */

type Meta = Readonly<Record<string, unknown>>;

export const sagaMeta = (spec: SagaSpec): Meta => ({ input: shapeOf(spec.input) });

export const forwardMeta = (spec: SagaSpec, step: Step): Meta => ({
  needs: shapeOf(step.needs),
  gives: shapeOf(step.gives),
  retry: retryOf(spec, step),
  ...(timeoutOf(step) === undefined ? {} : { timeoutMs: timeoutOf(step) }),
  ...(step.skipGives === undefined ? {} : { skipGives: step.skipGives }),
});

export const backwardMeta = (spec: SagaSpec, step: Step): Meta => ({ retry: undoRetryOf(spec, step) });

const shapeOf = (schema: z.ZodObject): unknown => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
