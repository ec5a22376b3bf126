import type { z } from 'zod';
import { settled } from '../../kernel/canonical.ts';
import type { Failure } from '../../kernel/errors.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { badSkip, badStepInput, badStepOutput, messageOf } from './failures.ts';
import { isChild } from './find.ts';
import type { Step } from './step.ts';

/** What the chart decides about a step right before it begins. */
export type Plan =
  | { readonly kind: 'run' }
  | { readonly kind: 'skip'; readonly because: string; readonly gives: JsonObject }
  | { readonly kind: 'refuse'; readonly error: Failure };

/** The keys a schema names, as far as the data has them. */
export function pick(schema: z.ZodObject, data: JsonObject): JsonObject {
  const picked: Record<string, Json> = {};
  for (const key of Object.keys(schema.shape)) if (data[key] !== undefined) picked[key] = data[key];
  return picked;
}

const plans = new WeakMap<JsonObject, Map<Step, Plan>>();

/** Checks a step's needs and asks `skipIf`, without touching the world. The same data is looked at once: the chart asks about it several times. */
export function plan(step: Step, data: JsonObject): Plan {
  const known = plans.get(data) ?? new Map<Step, Plan>();
  const planned = known.get(step) ?? planNow(step, data);
  plans.set(data, known.set(step, planned));
  return planned;
}

function planNow(step: Step, data: JsonObject): Plan {
  const needs = step.needs.safeParse(pick(step.needs, data));
  if (!needs.success) return { kind: 'refuse', error: badStepInput(step.name, issues(needs.error)) };
  try {
    const because = step.skipIf?.(needs.data) ?? false;
    if (because !== false) return { kind: 'skip', because, gives: given(step, step.skipGives ?? {}) };
  } catch (error) {
    return { kind: 'refuse', error: badSkip(step.name, messageOf(error)) };
  }
  const child = childInput(step, data);
  return 'error' in child ? { kind: 'refuse', error: child.error } : { kind: 'run' };
}

/** What a child actor is created with; an empty object for an activity step. */
export function childInput(step: Step, data: JsonObject): { readonly input: Json } | { readonly error: Failure } {
  if (!isChild(step)) return { input: {} };
  try {
    return { input: plainJson(step.childInput(step.needs.parse(pick(step.needs, data)))) };
  } catch (error) {
    return { error: badStepInput(step.name, messageOf(error)) };
  }
}

/** What a finished child means for its step. */
export function settleChild(step: Step, output: unknown): { readonly gives: JsonObject } | { readonly error: Failure } {
  if (!isChild(step)) return { error: badStepOutput(step.name, 'it has no child') };
  try {
    const settled = step.settle(plainJson(output ?? null));
    return settled.ok ? { gives: given(step, settled.gives) } : { error: settled.error };
  } catch (error) {
    return { error: badStepOutput(step.name, messageOf(error)) };
  }
}

/** What a step gives, parsed by its schema. @throws when it does not fit or is not plain JSON. */
export function given(step: Step, gives: unknown): JsonObject {
  const parsed = step.gives.safeParse(gives ?? {});
  if (!parsed.success) throw new Error(issues(parsed.error));
  return pick(step.gives, plainJson(parsed.data) as JsonObject);
}

/** The value as it will stand in the log. @throws TerminalError saying where it is no plain JSON. */
export const plainJson = (value: unknown): Json => settled(value, 'not_json', 'the value');

/** A schema's complaints in one line. */
export const issues = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
