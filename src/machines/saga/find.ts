import { TerminalError } from '../../kernel/errors.ts';
import type { Step } from './step.ts';
import type { SagaSpec } from './types.ts';

/** Finds a step of the saga by its name. */
export function stepFinder(spec: SagaSpec): (name: string) => Step {
  const byName = new Map(spec.steps.map((step) => [step.name, step]));
  return (name) => {
    const step = byName.get(name);
    if (!step) throw new TerminalError('unknown_step', `saga "${spec.name}" has no step "${name}"`);
    return step;
  };
}
