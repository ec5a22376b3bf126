import type { Definition } from '../../kernel/definition.ts';
import { stateOf } from './states.ts';
import { chartNodes } from './nodes.ts';
import { transitionsFrom, type ChartTransition } from './transitions.ts';
import type { ChartState } from './states.ts';

export type { ChartInvoke, ChartState, StateKind } from './states.ts';
export type { ChartTransition, Trigger } from './transitions.ts';

/** A machine as a graph, plain JSON. What it looks like follows from this alone. */
export interface Chart {
  /** The machine's id; also the root state's id unless that has one of its own. */
  readonly name: string;
  /** The root state's id. */
  readonly root: string;
  /** The root first, parents before children, siblings in the machine's order. */
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
}

/** The chart of a machine, read from the machine itself. Pure. */
export function chartOf(machine: Definition['machine']): Chart {
  const nodes = chartNodes(machine);
  return {
    name: machine.id,
    root: machine.root.id,
    states: nodes.map(stateOf),
    transitions: nodes.flatMap(transitionsFrom),
  };
}
