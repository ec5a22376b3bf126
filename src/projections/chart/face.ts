import type { ChartState, ChartTransition } from './chart.ts';
import type { DrawnTransition } from './fold.ts';
import type { TextLine } from './geometry.ts';
import { insideLines } from './tree.ts';
import { wrap } from './text.ts';

/** Letters in a line before it is broken. */
const longest = { title: 34, detail: 38, trigger: 24, guard: 26 } as const;

const lines = (style: keyof typeof longest, text: string): readonly TextLine[] =>
  wrap(text, longest[style]).map((line, i) => ({ style, text: i === 0 ? line : `  ${line}` }));

/** What stands in a state's box. `inner`: its transitions that lead nowhere; `hidden`: states left out inside it. */
export function stateFace(state: ChartState, inner: readonly ChartTransition[], hidden = 0): readonly TextLine[] {
  if (isMark(state)) return [];
  return [
    ...lines('title', state.key),
    ...(state.tags.length === 0 ? [] : chipRows(state.tags)),
    ...insideLines(state).flatMap((text) => lines('detail', text)),
    ...inner.flatMap((transition) => lines('detail', innerText(transition))),
    ...(hidden === 0 ? [] : lines('detail', `${hidden} state${hidden === 1 ? '' : 's'} inside`)),
  ];
}

/**
 * What stands on a transition's label: what sets it off, and under which condition; with `withActions` also what
 * it does. One that stands for several has each different line once.
 */
export function labelFace(transition: DrawnTransition, withActions: boolean): readonly TextLine[] {
  const { parts } = transition;
  if (parts === undefined) return partFace(transition, withActions);
  const all = parts.flatMap((part) => (part.trigger.kind === 'always' && part.guard === null && part.description !== null ? lines('guard', part.description) : partFace(part, withActions)));
  return all.filter(({ text }, i) => all.findIndex((line) => line.text === text) === i);
}

function partFace({ trigger, guard, actions }: ChartTransition, withActions: boolean): readonly TextLine[] {
  const isPlain = trigger.kind === 'always' && guard !== null;
  return [
    ...(isPlain ? [] : lines('trigger', trigger.text)),
    ...(guard === null ? [] : lines('guard', `[${guard}]`)),
    ...(withActions ? actions.flatMap((action) => lines('guard', `/ ${action}`)) : []),
  ];
}

/** Drawn as a small circle with a letter. */
export const isMark = ({ kind }: ChartState): boolean => kind === 'history' || kind === 'deep-history';

const innerText = ({ trigger, guard, actions }: ChartTransition): string =>
  [trigger.text, ...(guard === null ? [] : [`[${guard}]`]), actions.length === 0 ? '(forbidden)' : `/ ${actions.join(', ')}`].join(' ');

/** Tags, as many in a row as fit. */
function chipRows(tags: readonly string[]): readonly TextLine[] {
  const rows: string[] = [];
  for (const tag of tags.map((one) => one.replaceAll(/\s+/g, '-'))) {
    const last = rows.at(-1);
    if (last === undefined || last.length + tag.length > longest.title) rows.push(tag);
    else rows[rows.length - 1] = `${last} ${tag}`;
  }
  return rows.map((text) => ({ style: 'chips', text }));
}
