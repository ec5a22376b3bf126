import { indexOf } from './active.ts';
import type { ChartState, ChartTransition } from './chart.ts';
import type { DrawnChart, DrawnTransition } from './fold.ts';
import type { Lit } from './svg.ts';

/**
 * The chart as a Mermaid `stateDiagram-v2`. A transition that leads nowhere stands in a note beside its state;
 * entry and exit actions, invokes and tags are left out.
 */
export function chartMermaid(chart: DrawnChart, { active = [] }: Lit = {}): string {
  const { children, state } = indexOf(chart);
  const names = namesOf(chart.states);
  const name = (id: string): string => names.get(id) ?? 'unknown';
  /** The innermost composite state that holds the whole transition: Mermaid wants it written there. */
  const homes = new Map(chart.transitions.map((transition) => [transition, homeOf(transition, indexOf(chart))]));

  const transitionsIn = (home: string | null, indent: string): string[] => chart.transitions.filter((one) => homes.get(one) === home && one.targets.length > 0)
    .flatMap((transition) => transition.targets.map((target) => `${indent}${name(transition.source)} --> ${name(target)} : ${labelOf(transition)}`));

  const linesOf = (one: ChartState, indent: string): string[] => {
    const inner = children(one.id);
    const own = `${indent}state "${plain(one.key)}" as ${name(one.id)}`;
    if (inner.length === 0) {
      const mark = one.kind === 'history' || one.kind === 'deep-history' ? [`${indent}${name(one.id)} : ${one.kind === 'history' ? 'history' : 'deep history'}`] : [];
      const end = one.kind === 'final' ? [`${indent}${name(one.id)} --> [*]`] : [];
      return [own, ...mark, ...stays(one, indent), ...end];
    }
    const regions = inner.map((child) => linesOf(child, `${indent}  `));
    const body = one.kind === 'parallel'
      ? regions.flatMap((region, i) => (i === 0 ? region : [`${indent}  --`, ...region]))
      : [...(one.initial === null || state(one.initial) === undefined ? [] : [`${indent}  [*] --> ${name(one.initial)}`]), ...regions.flat()];
    // Inside a parallel state a transition must not stand in one of the regions.
    return [`${own} {`, ...body, ...(one.kind === 'parallel' ? [] : transitionsIn(one.id, `${indent}  `)), `${indent}}`, ...(one.kind === 'parallel' ? transitionsIn(one.id, indent) : []), ...stays(one, indent)];
  };

  const stays = ({ id }: ChartState, indent: string): string[] => chart.transitions.filter((one) => one.source === id && one.targets.length === 0)
    .map((one) => `${indent}note right of ${name(id)} : ${labelOf(one)}${one.actions.length === 0 ? '' : ` / ${plain(one.actions.join(', '))}`}`);

  const roots = chart.states.filter(({ parent }) => parent === null);
  const lit = active.filter((id) => names.has(id) && children(id).length === 0).map(name);
  return [
    'stateDiagram-v2',
    ...roots.flatMap((root) => linesOf(root, '  ')),
    ...transitionsIn(null, '  '),
    ...(lit.length === 0 ? [] : ['  classDef active fill:#dff5ea,stroke:#0b6b46,stroke-width:2px', `  class ${lit.join(',')} active`]),
  ].join('\n') + '\n';
}

/** Names that are words of the diagram's own grammar are avoided by a prefix; two ids never get one name. */
function namesOf(states: readonly ChartState[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { id } of states) {
    const base = `s_${id.replaceAll(/[^A-Za-z0-9]+/g, '_')}`;
    let name = base;
    for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

function homeOf({ source, targets }: ChartTransition, { upward }: ReturnType<typeof indexOf>): string | null {
  const above = [source, ...targets].map((id) => upward(id).slice(1));
  return above[0]?.find((id) => above.every((path) => path.includes(id))) ?? null;
}

function labelOf(transition: DrawnTransition): string {
  const parts = (transition.parts ?? [transition]).map(({ trigger, guard }) => `${trigger.text}${guard === null ? '' : ` [${guard}]`}`);
  return plain([...new Set(parts)].join(' or '));
}

/** Letters that Mermaid takes for its own are written as its entities, or left out. */
const plain = (text: string): string => text.replaceAll('#', '#35;').replaceAll(';', (match, at: number, all: string) => (all.slice(Math.max(0, at - 3), at) === '#35' ? match : '#59;'))
  .replaceAll('"', '#quot;').replaceAll(':', '#58;').replaceAll('<', '#lt;').replaceAll('>', '#gt;').replaceAll('{', '#123;').replaceAll('}', '#125;').replaceAll('-->', '->').replaceAll(/\s+/g, ' ');
