import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { indexOf } from '../../projections/chart/active.ts';
import type { DrawnChart } from '../../projections/chart/fold.ts';
import type { Box, Geometry, PlacedEdge, Point, TextLine } from '../../projections/chart/geometry.ts';
import { elk } from './elk.ts';
import { graphOf, labelNode, startNode, stateNode, type GraphOptions } from './graph.ts';

export type LayoutOptions = Partial<GraphOptions>;

/**
 * Where everything of a chart stands. Takes a while for a large one (about a second for 200 states), so lay a
 * machine out once and light its states. Works in Node and in a browser.
 */
export async function layout(chart: DrawnChart, options: LayoutOptions = {}): Promise<Geometry> {
  const { graph, faces } = graphOf(chart, { direction: 'DOWN', actions: false, ...options });
  const placed = await (await elk()).layout(graph);
  const boxes = new Map(nodesIn(placed).map((node) => [node.id, boxOf(node)]));
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, pointsOf(edge)]));
  const box = (id: string): Box => boxes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  const face = (id: string): readonly TextLine[] => faces.get(id) ?? [];
  const index = indexOf(chart);
  const outer = chart.transitions.filter(({ targets }) => targets.length > 0);
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    name: chart.name,
    states: chart.states.map((state) => ({ state, ...box(stateNode(state.id)), lines: face(stateNode(state.id)), isOpen: index.children(state.id).length > 0 })),
    labels: outer.map((transition) => ({ transition, ...box(labelNode(transition.id)), lines: face(labelNode(transition.id)) })),
    edges: outer.flatMap((transition): PlacedEdge[] => [
      { transition, part: 'out', points: edges.get(`out ${transition.id}`) ?? [] },
      ...transition.targets.map((target): PlacedEdge => ({ transition, part: 'in', points: edges.get(`in ${transition.id} ${target}`) ?? [] })),
    ]),
    starts: chart.states.flatMap(({ id, initial }) => (initial === null ? [] : [{ state: id, ...box(startNode(id)), points: edges.get(startNode(id)) ?? [] }])),
  };
}

const nodesIn = (node: ElkNode): readonly ElkNode[] => (node.children ?? []).flatMap((child) => [child, ...nodesIn(child)]);

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: ElkNode): Box => ({ x, y, width, height });

const pointsOf = ({ sections = [] }: ElkExtendedEdge): readonly Point[] =>
  sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]);
