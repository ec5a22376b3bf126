import type { z } from 'zod';
import { TerminalError } from '../../kernel/errors.ts';
import type { ActivityStep, ChildStep, Step } from './step.ts';
import type { SagaSpec } from './types.ts';

type AnyActivityStep = ActivityStep<z.ZodObject, z.ZodObject>;

/** Finds a step of the saga by its name. */
export function stepFinder(spec: SagaSpec): (name: string) => Step {
  const byName = new Map(spec.steps.map((step) => [step.name, step]));
  return (name) => {
    const step = byName.get(name);
    if (!step) throw new TerminalError('unknown_step', `saga "${spec.name}" has no step "${name}"`);
    return step;
  };
}

/** A key that is there without a value counts as not there. */
export const isChild = (step: Step): step is ChildStep<z.ZodObject, z.ZodObject> => 'child' in step && step.child !== undefined;

/** Is stop of the saga handed on to this step's child as stop? */
export const isPausable = (step: Step): boolean => isChild(step) && step.onStop === 'stop';

export const checkOf = (step: Step): AnyActivityStep['check'] => (isChild(step) ? undefined : step.check);

export const timeoutOf = (step: Step): number | undefined => (isChild(step) ? undefined : step.timeoutMs);
