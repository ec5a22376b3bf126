import type { Definition } from '../../kernel/definition.ts';
import { indexOf } from '../../projections/chart/active.ts';
import type { Chart } from '../../projections/chart/chart.ts';
import { downTo, foldChart } from '../../projections/chart/fold.ts';
import type { LaidOutChart } from '../protocol.ts';
import { shownDrawing } from '../shown.ts';
import type { Drawer } from './drawer.ts';

/** Charts laid out, each once for a definition and a depth. */
export interface Charts {
  of(definition: Definition, chart: Chart, depth?: number): Promise<LaidOutChart>;
}

/** Drawings that are kept; a large one is some hundred kB. */
const kept = 48;

export function charts(drawer: Drawer): Charts {
  const drawn = new Map<string, Promise<LaidOutChart>>();

  const draw = async ({ stamp: { hash } }: Definition, chart: Chart, depth: number, deepest: number): Promise<LaidOutChart> => {
    const geometry = await drawer.draw(depth >= deepest ? chart : foldChart(chart, downTo(depth)));
    return shownDrawing({
      hash, depth, deepest, root: chart.root, geometry,
      parents: Object.fromEntries(chart.states.map(({ id, parent }) => [id, parent])),
      transitions: chart.transitions.map(({ id, source, targets }) => ({ id, source, targets })),
    });
  };

  return {
    of(definition, chart, wanted = Infinity) {
      const index = indexOf(chart);
      const deepest = Math.max(0, ...chart.states.filter(({ id }) => index.children(id).length > 0).map(({ path }) => path.length + 1));
      const depth = Math.min(wanted, deepest);
      const key = `${definition.stamp.hash} ${depth}`;
      const known = drawn.get(key) ?? draw(definition, chart, depth, deepest);
      drawn.delete(key);
      drawn.set(key, known);
      // One that failed may do better the next time.
      known.catch(() => { drawn.delete(key); });
      const [oldest] = drawn.keys();
      if (drawn.size > kept && oldest !== undefined) drawn.delete(oldest);
      return known;
    },
  };
}
