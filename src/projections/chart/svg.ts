import type { ChartTransition } from './chart.ts';
import type { Geometry, PlacedEdge, PlacedLabel, PlacedStart, PlacedState, Point } from './geometry.ts';
import { isMark } from './face.ts';
import { idsOf } from './fold.ts';
import { style } from './svg-style.ts';
import { escape, linesAt } from './svg-text.ts';

/** What of a chart is lit. */
export interface Lit {
  /** State ids. */
  readonly active?: readonly string[];
  /** Transition ids of the last step. */
  readonly taken?: readonly string[];
  /** State and transition ids that were passed on the way. */
  readonly passed?: readonly string[];
  /** States that are drawn closed and within which the last step was. */
  readonly within?: readonly string[];
  /** What the drawing shows, when that is more than the machine: `build/b42 after record 12`. */
  readonly caption?: string;
}

/**
 * The drawing as a document by itself: light and dark after the reader's own setting, with a title and a
 * description for who does not see it. States carry `data-state`, transitions `data-transition`. `styled` false: for a
 * page that has the style already.
 */
export function chartSvg(geometry: Geometry, lit: Lit = {}, styled = true): string {
  const { width, height, name, states, labels, edges, starts } = geometry;
  const marks = { active: new Set(lit.active), taken: new Set(lit.taken), passed: new Set(lit.passed), within: new Set(lit.within) };
  const classes = (...ids: readonly string[]): string => (['active', 'taken', 'passed', 'within'] as const).filter((mark) => ids.some((id) => marks[mark].has(id))).join(' ');
  const drawEdge = (edge: PlacedEdge): string => edgeSvg(edge, classes(...idsOf(edge.transition)));
  const isLit = ({ transition }: PlacedEdge): boolean => classes(...idsOf(transition)) !== '';
  const open = states.filter(({ isOpen }) => isOpen);
  const closed = states.filter(({ isOpen }) => !isOpen);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="millrace-chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(lit.caption ?? name)}">`,
    `<title>${escape(lit.caption ?? `Statechart ${name}`)}</title>`,
    `<desc>${escape(describe(geometry, lit))}</desc>`,
    ...(styled ? [`<style>${style}</style>`] : []),
    '<defs>', ...['plain', 'passed', 'taken'].map(arrow), '</defs>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...open.map((state) => stateSvg(state, classes(state.state.id))),
    ...starts.map(startSvg),
    // What is lit is painted last, over what it crosses.
    ...edges.filter((edge) => !isLit(edge)).map(drawEdge),
    ...edges.filter(isLit).map(drawEdge),
    ...open.map((state) => textSvg(state, classes(state.state.id))),
    ...closed.map((state) => stateSvg(state, classes(state.state.id)) + textSvg(state, classes(state.state.id))),
    ...labels.map((label) => labelSvg(label, classes(...idsOf(label.transition)))),
    '</svg>',
  ].join('\n') + '\n';
}

function describe({ states, labels }: Geometry, { active = [] }: Lit): string {
  const now = states.filter(({ state, isOpen }) => !isOpen && active.includes(state.id)).map(({ state }) => state.path.join('.') || state.key);
  return `${states.length} states and ${labels.length} transitions.${now.length === 0 ? '' : ` Active: ${now.join(', ')}.`}`;
}

const arrow = (kind: string): string =>
  `<marker id="millrace-arrow-${kind}" class="arrow ${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5 L8 4 L0 7.5 z"/></marker>`;

function stateSvg(placed: PlacedState, lit: string): string {
  const { state, x, y, width, height, isOpen } = placed;
  const parts = [`<g class="state ${state.kind}${isOpen ? ' open' : ''} ${lit}" data-state="${escape(state.id)}">`, `<title>${escape(state.description ?? state.id)}</title>`];
  if (isMark(state)) {
    parts.push(`<circle cx="${x + width / 2}" cy="${y + height / 2}" r="${width / 2}"/>`, `<text class="mark" x="${x + width / 2}" y="${y + height / 2 + 4}">${state.kind === 'history' ? 'H' : 'H*'}</text>`);
  } else {
    const round = isOpen ? 10 : 7;
    parts.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>`);
    if (state.kind === 'final') parts.push(`<rect class="inner" x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="${round - 3}"/>`);
  }
  return `${parts.join('')}</g>`;
}

/** Painted over the transitions, which may cross the head of a state that holds others. */
const textSvg = ({ x, y, lines, isOpen }: PlacedState, lit: string): string =>
  lines.length === 0 ? '' : `<g class="face${isOpen ? ' open' : ''} ${lit}">${linesAt(lines, x + 12, y + 8).join('')}</g>`;

function labelSvg({ transition, x, y, width, height, lines }: PlacedLabel, lit: string): string {
  const told = (transition.parts ?? [transition]).map(tooltip).join('\n\n');
  return `<g class="label ${transition.trigger.kind} ${lit}" data-transition="${escape(idsOf(transition).join(' '))}"><title>${escape(told)}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>${linesAt(lines, x + 4, y + 2).join('')}</g>`;
}

const tooltip = ({ source, trigger, guard, actions, description }: ChartTransition): string =>
  [`${source}: ${trigger.text}`, ...(guard === null ? [] : [`[${guard}]`]), ...actions.map((action) => `/ ${action}`), ...(description === null ? [] : [description])].join('\n');

function edgeSvg({ transition, part, points }: PlacedEdge, lit: string): string {
  if (points.length === 0) return '';
  const kind = lit.includes('taken') ? 'taken' : lit.includes('passed') ? 'passed' : 'plain';
  const end = part === 'in' ? ` marker-end="url(#millrace-arrow-${kind})"` : '';
  return `<path class="edge ${lit}" data-transition="${escape(idsOf(transition).join(' '))}" d="${rounded(points)}"${end}/>`;
}

function startSvg({ x, y, width, points }: PlacedStart): string {
  return `<circle class="start" cx="${x + width / 2}" cy="${y + width / 2}" r="${width / 2 - 1}"/>${points.length === 0 ? '' : `<path class="edge" d="${rounded(points)}" marker-end="url(#millrace-arrow-plain)"/>`}`;
}

const bend = 6;

/** Straight lines with rounded bends. */
function rounded(points: readonly Point[]): string {
  return points.map((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    if (before === undefined) return `M${point.x} ${point.y}`;
    if (after === undefined) return `L${point.x} ${point.y}`;
    const [from, to] = [toward(point, before), toward(point, after)];
    return `L${from.x} ${from.y} Q${point.x} ${point.y} ${to.x} ${to.y}`;
  }).join(' ');
}

function toward(point: Point, other: Point): Point {
  const length = Math.hypot(other.x - point.x, other.y - point.y);
  const part = length === 0 ? 0 : Math.min(bend, length / 2) / length;
  return { x: round(point.x + (other.x - point.x) * part), y: round(point.y + (other.y - point.y) * part) };
}

const round = (value: number): number => Math.round(value * 100) / 100;
