import type { Definition } from '../../kernel/definition.ts';
import { indexOf } from '../../projections/chart/active.ts';
import { chartOf, type Chart } from '../../projections/chart/chart.ts';
import { downTo, foldChart } from '../../projections/chart/fold.ts';
import type { LaidOutChart } from '../protocol.ts';
import { shownDrawing } from '../shown.ts';
import type { Drawer } from './drawer.ts';

/** Charts laid out, each once for a definition and a depth. */
export interface Charts {
  of(definition: Definition, chart: Chart, depth?: number): Promise<LaidOutChart>;
  /** Lay all of them out before anybody asks, with `idle`, in the background: all as far as they are looked at first, then deeper. Ends when `signal` aborts. */
  warm(definitions: readonly Definition[], idle: Drawer, signal: AbortSignal): Promise<void>;
}

/** Drawings that are kept; a large one is some hundred kB. */
const kept = 48;

export function charts(drawer: Drawer): Charts {
  const drawn = new Map<string, Promise<LaidOutChart>>();

  const draw = async (by: Drawer, { stamp: { hash } }: Definition, chart: Chart, depth: number, deepest: number): Promise<LaidOutChart> => {
    const geometry = await by.draw(depth >= deepest ? chart : foldChart(chart, downTo(depth)));
    return shownDrawing({
      hash, depth, deepest, root: chart.root, geometry,
      parents: Object.fromEntries(chart.states.map(({ id, parent }) => [id, parent])),
      transitions: chart.transitions.map(({ id, source, targets }) => ({ id, source, targets })),
    });
  };
  const keep = (key: string, drawing: Promise<LaidOutChart>): Promise<LaidOutChart> => {
    drawn.delete(key);
    drawn.set(key, drawing);
    // One that failed may do better the next time.
    drawing.catch(() => { if (drawn.get(key) === drawing) drawn.delete(key); });
    const [oldest] = drawn.keys();
    if (drawn.size > kept && oldest !== undefined) drawn.delete(oldest);
    return drawing;
  };
  const keyOf = ({ stamp: { hash } }: Definition, depth: number): string => `${hash} ${depth}`;

  return {
    of(definition, chart, wanted = Infinity) {
      const deepest = deepestOf(chart);
      const depth = Math.min(wanted, deepest);
      const key = keyOf(definition, depth);
      return keep(key, drawn.get(key) ?? draw(drawer, definition, chart, depth, deepest));
    },
    async warm(definitions, idle, signal) {
      const all = definitions.map((definition) => ({ definition, chart: chartOf(definition.machine) }));
      const depths = Array.from({ length: Math.max(0, ...all.map(({ chart }) => deepestOf(chart))) }, (_, i) => i + 1);
      const wanted = depths.flatMap((depth) => all.filter(({ chart }) => depth <= deepestOf(chart)).map((one) => ({ ...one, depth })));
      for (const { definition, chart, depth } of wanted.slice(0, kept / 2)) {
        if (signal.aborted) return;
        const key = keyOf(definition, depth);
        // Whoever asks meanwhile waits for this one, too.
        if (!drawn.has(key)) await keep(key, draw(idle, definition, chart, depth, deepestOf(chart))).catch(() => undefined);
      }
    },
  };
}

/** Levels below the root that have states in them to open. */
function deepestOf(chart: Chart): number {
  const index = indexOf(chart);
  return Math.max(0, ...chart.states.filter(({ id }) => index.children(id).length > 0).map(({ path }) => path.length + 1));
}
