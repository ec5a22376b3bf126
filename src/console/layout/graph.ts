import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { grouped, indexOf } from '../../projections/chart/active.ts';
import type { ChartState, ChartTransition } from '../../projections/chart/chart.ts';
import type { DrawnChart, DrawnTransition } from '../../projections/chart/fold.ts';
import { isMark, labelFace, stateFace } from '../../projections/chart/face.ts';
import type { TextLine } from '../../projections/chart/geometry.ts';
import { heightOf, widestOf } from '../../projections/chart/text.ts';

export interface GraphOptions {
  readonly direction: 'DOWN' | 'RIGHT';
  /** Show on a label what the transition does, too. */
  readonly actions: boolean;
}

/** The chart as ELK wants it: states and labels are nodes, a transition is an edge to its label and edges from there. */
export interface ChartGraph {
  readonly graph: ElkNode;
  readonly faces: ReadonlyMap<string, readonly TextLine[]>;
}

const padding = { x: 12, y: 8 };
const between = 14;

/** What a state needs for its text. */
export const faceWidth = (face: readonly TextLine[]): number => (face.length === 0 ? 0 : widestOf(face) + 2 * padding.x);

export const stateNode = (id: string): string => `state ${id}`;
export const labelNode = (transition: string): string => `label ${transition}`;
export const startNode = (state: string): string => `start ${state}`;

/** `wider`: pixels that states are to be wider than what they hold, for their own text. */
export function graphOf(chart: DrawnChart, options: GraphOptions, wider: ReadonlyMap<string, number> = new Map()): ChartGraph {
  const index = indexOf(chart);
  const faces = new Map<string, readonly TextLine[]>();
  const edges: ElkExtendedEdge[] = [];
  const [inner, outer] = [chart.transitions.filter(isInner), chart.transitions.filter((one) => !isInner(one))];
  const innerOf = grouped(inner, ({ source }) => source);
  const homes = new Map(outer.map((transition) => [transition, homeOf(transition, index)]));
  const leaving = grouped(outer, ({ source }) => source);

  /** Labels that stand in `home`, of what leaves this state or a state inside it. */
  const labels = (home: string | null, state: ChartState): ElkNode[] => [
    ...(leaving.get(state.id) ?? []).filter((transition) => homes.get(transition) === home).map(label),
    ...index.children(state.id).flatMap((child) => labels(home, child)),
  ];

  const label = (transition: DrawnTransition): ElkNode => {
    const face = labelFace(transition, options.actions);
    const id = labelNode(transition.id);
    faces.set(id, face);
    edges.push({ id: `out ${transition.id}`, sources: [stateNode(transition.source)], targets: [id] });
    for (const target of transition.targets) edges.push({ id: `in ${transition.id} ${target}`, sources: [id], targets: [stateNode(target)] });
    return { id, width: widestOf(face) + 8, height: heightOf(face) + 4 };
  };

  /** A state, then what leaves it: what comes later in the machine comes later in the drawing. */
  const withLabels = (home: string | null) => (state: ChartState): ElkNode[] => [node(state), ...labels(home, state)];

  const start = (state: ChartState): ElkNode[] => {
    if (state.initial === null) return [];
    const id = startNode(state.id);
    edges.push({ id, sources: [id], targets: [stateNode(state.initial)] });
    return [{ id, width: 10, height: 10 }];
  };

  const node = (state: ChartState): ElkNode => {
    const face = stateFace(state, innerOf.get(state.id) ?? [], chart.hidden?.[state.id]);
    faces.set(stateNode(state.id), face);
    const children = [...start(state), ...(leaving.get(state.id) ?? []).filter((one) => homes.get(one) === state.id).map(label), ...index.children(state.id).flatMap(withLabels(state.id))];
    const [width, height] = isMark(state) ? [24, 24] : [Math.max(60, faceWidth(face)), heightOf(face) + 2 * padding.y];
    if (children.length === 0) return { id: stateNode(state.id), width, height };
    return {
      id: stateNode(state.id), children,
      layoutOptions: {
        'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
        'elk.padding': `[top=${height + between},left=${between + 4},bottom=${between + 4},right=${between + 4 + (wider.get(state.id) ?? 0)}]`,
      },
    };
  };

  const roots = chart.states.filter(({ parent }) => parent === null).flatMap(withLabels(null));
  return { faces, graph: { id: 'chart', children: roots, edges, layoutOptions: layoutOptions(options) } };
}

const isInner = ({ targets }: ChartTransition): boolean => targets.length === 0;

/** The innermost state that holds the whole transition, its ends included; null is the drawing. */
function homeOf({ source, targets }: ChartTransition, { upward }: ReturnType<typeof indexOf>): string | null {
  const paths = [source, ...targets].map(upward);
  if (targets.length === 1 && targets[0] === source) return paths[0]?.[1] ?? null;
  return paths[0]?.find((id) => paths.every((path) => path.includes(id))) ?? null;
}

const layoutOptions = ({ direction }: GraphOptions): Record<string, string> => ({
  'elk.algorithm': 'layered',
  'elk.direction': direction,
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '9',
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  // Depth first from where a state begins: that stands on top. The model-order strategies crash on nested graphs (elkjs 0.12).
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
});
