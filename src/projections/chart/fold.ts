import { grouped, indexOf } from './active.ts';
import type { Chart, ChartState, ChartTransition } from './chart.ts';

/** A transition as it is drawn: of a closed state one may stand for several, which are its `parts`. */
export interface DrawnTransition extends ChartTransition {
  readonly parts?: readonly ChartTransition[];
}

/** A chart of which some states may be drawn closed: `hidden` counts what each of those keeps inside. */
export interface DrawnChart extends Chart {
  readonly transitions: readonly DrawnTransition[];
  readonly hidden?: Readonly<Record<string, number>>;
}

/**
 * The chart with every state closed for which `isOpen` says no: what is inside is left out, and a transition
 * into it or out of it is one of the closed state's, drawn once for each way it leads. One that stays inside is
 * left out too.
 */
export function foldChart(chart: Chart, isOpen: (state: ChartState) => boolean): DrawnChart {
  const index = indexOf(chart);
  const closed = new Set(chart.states.filter((state) => state.id !== chart.root && index.children(state.id).length > 0 && !isOpen(state)).map(({ id }) => id));
  /** The outermost closed state it lies in, or itself. */
  const shown = (id: string): string => index.upward(id).findLast((above) => closed.has(above)) ?? id;
  const hidden: Record<string, number> = {};
  const states = chart.states.filter(({ id }) => {
    const at = shown(id);
    if (at !== id) hidden[at] = (hidden[at] ?? 0) + 1;
    return at === id;
  });
  const transitions = chart.transitions.flatMap((transition) => {
    const source = shown(transition.source);
    const targets = [...new Set(transition.targets.map(shown))];
    const isInner = source !== transition.source && targets.every((target) => target === source);
    return isInner ? [] : [{ ...transition, source, targets }];
  });
  return { ...chart, states: states.map((state) => (closed.has(state.id) ? { ...state, initial: null } : state)), transitions: merged(transitions, closed), hidden };
}

function merged(transitions: readonly ChartTransition[], closed: ReadonlySet<string>): readonly DrawnTransition[] {
  const ways = grouped(transitions, ({ id, source, targets }) => (closed.has(source) && targets.length > 0 ? JSON.stringify([source, targets]) : id));
  return [...ways.values()].flatMap((parts) => {
    const [first] = parts;
    if (first === undefined) return [];
    return [parts.length === 1 ? first : { ...first, parts }];
  });
}

/** The ids of the transitions a drawn one stands for. */
export const idsOf = ({ id, parts }: DrawnTransition): readonly string[] => parts?.map((part) => part.id) ?? [id];

/** Open down to so many levels below the root. */
export const downTo = (depth: number) => ({ path }: ChartState): boolean => path.length < depth;
