import { describe, expect, it } from 'vitest';
import { layout } from '../../../src/console/layout/layout.ts';
import { chartOf } from '../../../src/projections/chart/chart.ts';
import { downTo, foldChart } from '../../../src/projections/chart/fold.ts';
import { chartMermaid } from '../../../src/projections/chart/mermaid.ts';
import { chartSvg } from '../../../src/projections/chart/svg.ts';
import { emOf, wrap } from '../../../src/projections/chart/text.ts';
import { order } from '../kernel/support/zoo.ts';
import { foreign } from './support/foreign.ts';
import { machines } from './support/machines.ts';
import { mermaidFaults } from './support/mermaid.ts';

/** Opened and closed in order, every `&` an entity. */
function xmlFaults(text: string): readonly string[] {
  const open: string[] = [];
  const found: string[] = [];
  for (const [whole, end, name = '', rest = ''] of text.matchAll(/<(\/?)([a-z]+)((?:[^"<>]|"[^"<]*")*)>/gi)) {
    if (end === '/') { if (open.pop() !== name) found.push(whole); }
    else if (!rest.endsWith('/')) open.push(name);
  }
  if (/&(?!(amp|lt|gt|quot);)/.test(text)) found.push('a bare &');
  return [...found, ...open];
}

describe('a chart as SVG', () => {
  it('given an order in the middle of its way, then active states, the last step and the way are marked, each by its id', async () => {
    const chart = chartOf(order);
    const svg = chartSvg(await layout(chart), { active: ['order', 'order.charging'], taken: ['order.open:0'], passed: ['order.open', 'order.charging:3'], caption: 'order/o1 after record 4' });
    expect(svg).toMatch(/class="state atomic active" data-state="order.charging"/);
    expect(svg).toMatch(/class="state atomic passed" data-state="order.open"/);
    expect(svg.match(/class="edge taken" data-transition="order.open:0"/g)).toHaveLength(2);
    expect(svg.match(/class="edge passed" data-transition="order.charging:3"/g)).toHaveLength(2);
    expect(svg.match(/class="edge " data-transition/g)?.length).toBeGreaterThan(5);
    expect(svg).toContain('role="img" aria-label="order/o1 after record 4"');
    expect(svg).toContain('<title>order/o1 after record 4</title>');
    expect(svg).toContain('Active: charging.</desc>');
    expect(svg).toContain('prefers-color-scheme:dark');
  });

  it('given names of every script with signs in them, then the document is well-formed', async () => {
    const svg = chartSvg(await layout(chartOf(foreign.wordy as never)));
    expect(xmlFaults(svg)).toEqual([]);
    expect(svg).toContain('[with blanks &amp; &lt;signs&gt;');
    expect(xmlFaults('<svg><g></svg>')).not.toEqual([]);
  });

  it('given a folded chart, then a transition inside a closed state lights what stands for it', async () => {
    const chart = foldChart(chartOf(foreign.deep as never), downTo(1));
    const part = chart.transitions.find(({ parts }) => parts !== undefined)?.parts?.at(-1)?.id ?? expect.fail('nothing was merged');
    expect(chartSvg(await layout(chart), { taken: [part] }).match(/class="edge taken"/g)).toHaveLength(2);
  });
});

describe('a chart as Mermaid', () => {
  it.each(machines.map(([name, machine]) => ({ name, machine })))('given $name, then every line is of the grammar of stateDiagram-v2, and every state and transition is there', ({ machine }) => {
    const chart = chartOf(machine);
    const text = chartMermaid(chart, { active: chart.states.slice(-1).map(({ id }) => id) });
    expect(mermaidFaults(text)).toEqual([]);
    expect(text.match(/^ *state "/gm)).toHaveLength(chart.states.length);
    expect(text.match(/^ *s_\S+ --> s_\S+ : /gm) ?? []).toHaveLength(chart.transitions.reduce((sum, { targets }) => sum + targets.length, 0));
  });

  it('given lines that Mermaid does not take, then the check finds them', () => {
    for (const line of ['  state x y {', '  a -> b', '  s_a --> s_b : a: b', '  note right of s_a']) expect(mermaidFaults(`stateDiagram-v2\n  state "a" as s_a\n  state "b" as s_b\n${line}\n`)).not.toEqual([]);
  });
});

describe('text in a drawing', () => {
  it.each([['aVeryLongName', 6, ['aVery', 'Long', 'Name']], ['one two', 20, ['one two']], ['x'.repeat(7), 3, ['xxx', 'xxx', 'x']], ['build-artifact', 8, ['build-', 'artifact']], ['🚀🚀🚀', 2, ['🚀🚀', '🚀']]])('given %s and lines of %i letters, then it is broken where one would', (text, most, lines) => {
    expect(wrap(text, most)).toEqual(lines);
  });

  it('given letters of a font that is wider, then more room is kept for them', () => {
    expect(emOf('注文')).toBeGreaterThan(emOf('ab'));
  });
});
