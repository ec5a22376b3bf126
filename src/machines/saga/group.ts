import { named, type ChartState } from './config.ts';
import { forwardState } from './forward.ts';
import type { Needs, Stage } from './needs.ts';
import type { SagaSpec } from './types.ts';

/** Where a group leads: absolute targets in the work region. */
export interface GroupWays {
  readonly next: string;
  /** Where it is chosen what is undone first. */
  readonly back: string;
}

/**
 * Steps side by side, as a parallel state with a region for each. Once one of them has failed for good, or cancel was
 * asked for, nothing begins in any region and what runs is aborted; the group is left when nothing runs any more.
 */
export function groupState(spec: SagaSpec, stage: Stage, needs: Needs, { next, back }: GroupWays): ChartState {
  const inside = new Set(stage.map(({ name }) => name));
  return {
    type: 'parallel',
    description: `${stage.length} steps side by side, each as soon as it has what it needs.`,
    states: Object.fromEntries(stage.map((step) => [
      step.name, forwardState(spec, step, { waitsFor: needs.direct(step.name).filter((name) => inside.has(name)) }),
    ])),
    onDone: [
      { guard: named('turnsBack'), target: back, actions: [named('beginUndo')], description: 'a step failed, or cancel was asked for' },
      { target: next, description: 'all of them are done' },
    ],
  };
}
