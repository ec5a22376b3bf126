import type { z } from 'zod';
import { badSaga } from './failures.ts';
import type { SagaSpec } from './types.ts';

/** Every key has one giver, and every needed key is given before. */
export function checkData(spec: SagaSpec): void {
  const givers = new Map(Object.keys(spec.input.shape).map((key) => [key, 'the input']));
  const uncertain = new Set<string>();
  for (const step of spec.steps) {
    for (const key of Object.keys(step.needs.shape)) {
      if (isOptional(step.needs, key)) continue;
      const later = spec.steps.find((other) => key in other.gives.shape);
      if (!givers.has(key)) {
        throw badSaga('unknown_need', `step "${step.name}" needs "${key}", which ${later ? `step "${later.name}" gives only later` : 'nobody gives'}`,
          'Take it into the input, let an earlier step give it, or make it optional.');
      }
      if (uncertain.has(key)) {
        throw badSaga('unknown_need', `step "${step.name}" needs "${key}", which bookkeeping step "${givers.get(key)}" may fail to give`,
          'Make it optional: a bookkeeping failure does not stop the saga.');
      }
    }
    for (const key of Object.keys(step.gives.shape)) {
      const other = givers.get(key);
      if (other !== undefined) throw badSaga('two_givers', `"${key}" is given by ${other} and by step "${step.name}"`, 'One key has one giver: rename one of them.');
      givers.set(key, step.name);
      if (step.bookkeeping) uncertain.add(key);
    }
  }
}

const isOptional = (schema: z.ZodObject, key: string): boolean =>
  (schema.shape[key] as z.ZodType | undefined)?.safeParse(undefined).success ?? true;
