import { grouped, indexOf } from './active.ts';
import type { Chart, ChartState, ChartTransition } from './chart.ts';

const marks: Readonly<Record<ChartState['kind'], string>> = { atomic: '', compound: '', parallel: ' (parallel)', final: ' (final)', history: ' (history)', 'deep-history': ' (deep history)' };

/**
 * The chart as text: a line a state, indented, with its transitions below. `>` marks the state a parent begins
 * in, `*` one that is active.
 */
export function chartTree(chart: Chart, active: readonly string[] = []): readonly string[] {
  const { children, state } = indexOf(chart);
  const from = grouped(chart.transitions, ({ source }) => source);
  const lit = new Set(active);
  const linesOf = (one: ChartState, depth: number): string[] => {
    const indent = '  '.repeat(depth);
    const begins = one.parent !== null && state(one.parent)?.initial === one.id;
    const tags = one.tags.length === 0 ? '' : `  #${one.tags.join(' #')}`;
    return [
      `${lit.has(one.id) ? '*' : ' '} ${indent}${begins ? '> ' : ''}${one.key}${marks[one.kind]}${tags}`,
      ...insideLines(one).map((text) => `  ${indent}    ${text}`),
      ...(from.get(one.id) ?? []).map((transition) => `  ${indent}    ${transitionText(transition, one, state)}`),
      ...children(one.id).flatMap((child) => linesOf(child, depth + 1)),
    ];
  };
  return chart.states.filter(({ parent }) => parent === null).flatMap((root) => linesOf(root, 0));
}

/** What a state does by itself. */
export const insideLines = ({ entry, exit, invokes }: ChartState): readonly string[] => [
  ...entry.map((action) => `entry / ${action}`),
  ...exit.map((action) => `exit / ${action}`),
  ...invokes.map(({ id, src }) => `runs ${id}${src === id ? '' : ` (${src})`}`),
];

/** `pay [enough] / print -> charging` */
function transitionText(transition: ChartTransition, from: ChartState, state: (id: string) => ChartState | undefined): string {
  const { trigger, guard, actions, targets, reenter } = transition;
  const told = [trigger.text, ...(guard === null ? [] : [`[${guard}]`]), ...(actions.length === 0 ? [] : ['/', actions.join(', ')])].join(' ');
  if (targets.length === 0) return `${told}${actions.length === 0 ? ' (forbidden)' : ''}`;
  return `${told} -> ${targets.map((id) => nameOf(id, from, state)).join(', ')}${reenter ? ' (again)' : ''}`;
}

/** A sibling or an own child by its key, any other by its whole path. */
function nameOf(id: string, from: ChartState, state: (id: string) => ChartState | undefined): string {
  const target = state(id);
  if (target === undefined) return id;
  if (target.id === from.id) return 'itself';
  return target.parent === from.parent || target.parent === from.id ? target.key : `#${target.path.join('.') || target.key}`;
}
