import type { Json } from '../../kernel/json.ts';
import type { Chart, ChartState, ChartTransition } from './chart.ts';

/** Look-ups that a chart is asked for again and again. */
export interface ChartIndex {
  readonly state: (id: string) => ChartState | undefined;
  /** In the machine's order. */
  readonly children: (id: string) => readonly ChartState[];
  /** The state, its parent, and so on up to the root. */
  readonly upward: (id: string) => readonly string[];
  readonly transition: (id: string) => ChartTransition | undefined;
}

const indexes = new WeakMap<Chart, ChartIndex>();

/** Made once for a chart: it never changes. */
export function indexOf(chart: Chart): ChartIndex {
  const known = indexes.get(chart) ?? indexed(chart);
  indexes.set(chart, known);
  return known;
}

function indexed(chart: Chart): ChartIndex {
  const states = new Map(chart.states.map((state) => [state.id, state]));
  const transitions = new Map(chart.transitions.map((transition) => [transition.id, transition]));
  const children = grouped(chart.states, ({ parent }) => parent);
  const upward = (id: string): string[] => {
    const parent = states.get(id)?.parent ?? null;
    return [id, ...(parent === null ? [] : upward(parent))];
  };
  return { state: (id) => states.get(id), children: (id) => children.get(id) ?? [], upward, transition: (id) => transitions.get(id) };
}

/** The ids of all states that a state value says are active, parents before children. */
export function activeIds(chart: Chart, value: Json): readonly string[] {
  const { children } = indexOf(chart);
  const below = (id: string, inner: Json): string[] => {
    if (typeof inner === 'string') return children(id).filter(({ key }) => key === inner).map((state) => state.id);
    if (typeof inner !== 'object' || inner === null) return [];
    return children(id).filter(({ key }) => key in inner).flatMap((state) => [state.id, ...below(state.id, (inner as Record<string, Json>)[state.key] ?? null)]);
  };
  return [chart.root, ...below(chart.root, value)];
}

/** Items by a key, in their order. */
export function grouped<K, T>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
