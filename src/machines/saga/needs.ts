import type { Step } from './step.ts';
import type { SagaSpec } from './types.ts';

/** Steps that run side by side, or one by itself. A stage begins when the one before it is over. */
export type Stage = readonly Step[];

/** What each step waits for. Of a listed saga: nothing, for its steps never run side by side. */
export interface Needs {
  /** Names of the steps whose outputs it needs, or that it names in `after`. */
  direct(step: string): readonly string[];
  /** Does `step` come after `other`, directly or through steps in between? */
  isAfter(step: string, other: string): boolean;
}

export const isByNeeds = ({ order }: Pick<SagaSpec, 'order'>): boolean => order === 'by-needs';

/** Read off `needs`, `gives` and `after`. Steps are listed so that what a step needs stands before it. */
export function needsOf(spec: Pick<SagaSpec, 'steps' | 'order'>): Needs {
  if (!isByNeeds(spec)) return { direct: () => [], isAfter: () => false };
  const { steps } = spec;
  const direct = new Map<string, readonly string[]>();
  const all = new Map<string, ReadonlySet<string>>();
  const givers = new Map<string, string>();
  for (const step of steps) {
    const given = Object.keys(step.needs.shape).flatMap((key) => givers.get(key) ?? []);
    const its = steps.map(({ name }) => name).filter((name) => given.includes(name) || step.after?.includes(name) === true);
    direct.set(step.name, its);
    all.set(step.name, new Set(its.flatMap((name) => [name, ...(all.get(name) ?? [])])));
    for (const key of Object.keys(step.gives.shape)) givers.set(key, step.name);
  }
  return { direct: (step) => direct.get(step) ?? [], isAfter: (step, other) => all.get(step)?.has(other) === true };
}

/**
 * The steps in stages. Where every later step comes after every earlier one the saga is cut, which holds nobody up;
 * what cannot be cut runs side by side. A saga that is a chain has one step in each stage.
 */
export function stagesOf(spec: Pick<SagaSpec, 'steps' | 'order'>): readonly Stage[] {
  const { steps } = spec;
  if (!isByNeeds(spec)) return steps.map((step) => [step]);
  const { isAfter } = needsOf(spec);
  const stages: Step[][] = [];
  for (const [index, step] of steps.entries()) {
    const isCut = steps.slice(index).every((later) => steps.slice(0, index).every((earlier) => isAfter(later.name, earlier.name)));
    const open = stages.at(-1);
    if (isCut || open === undefined) stages.push([step]);
    else open.push(step);
  }
  return stages;
}
