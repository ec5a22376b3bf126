import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { indexOf } from '../../projections/chart/active.ts';
import type { DrawnChart } from '../../projections/chart/fold.ts';
import type { Box, Geometry, PlacedEdge, Point, TextLine } from '../../projections/chart/geometry.ts';
import { arrange as elkArrange, type Arrange } from './elk.ts';
import { faceWidth, graphOf, labelNode, startNode, stateNode, type GraphOptions } from './graph.ts';

export type LayoutOptions = Partial<GraphOptions>;

/**
 * Where everything of a chart stands. Takes seconds of computing for a large one (4 for 170 states and 300 transitions; half a second folded), so lay a
 * machine out once and light its states. Works in Node and in a browser. `arrange`: for one that remembers.
 */
export async function layout(chart: DrawnChart, options: LayoutOptions = {}, arrange: Arrange = elkArrange): Promise<Geometry> {
  const whole: GraphOptions = { direction: 'DOWN', actions: false, ...options };
  const { graph, faces } = graphOf(chart, whole);
  const first = await arrange(graph);
  const wider = tooNarrow(chart, first, faces);
  const placed = wider.size === 0 ? first : await arrange(graphOf(chart, whole, wider).graph);
  const boxes = boxesOf(placed);
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

/** ELK sizes a state that holds others after those alone (elkjs 0.12): how much each lacks for its own text. */
function tooNarrow(chart: DrawnChart, placed: ElkNode, faces: ReadonlyMap<string, readonly TextLine[]>): ReadonlyMap<string, number> {
  const boxes = boxesOf(placed);
  const lacks = chart.states.map(({ id }): [string, number] => [id, faceWidth(faces.get(stateNode(id)) ?? []) - (boxes.get(stateNode(id))?.width ?? 0)]);
  return new Map(lacks.filter(([, lack]) => lack > 0));
}

const boxesOf = (placed: ElkNode): ReadonlyMap<string, Box> => new Map(nodesIn(placed).map((node) => [node.id, boxOf(node)]));

const nodesIn = (node: ElkNode): readonly ElkNode[] => (node.children ?? []).flatMap((child) => [child, ...nodesIn(child)]);

/** A hundredth of a pixel is exact enough, and short to write. */
const round = (pixels: number): number => Math.round(pixels * 100) / 100;

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: ElkNode): Box => ({ x: round(x), y: round(y), width: round(width), height: round(height) });

const pointsOf = ({ sections = [] }: ElkExtendedEdge): readonly Point[] =>
  sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: round(x), y: round(y) })));
