import { describe, expect, it } from 'vitest';
import { layout } from '../../../src/console/layout/layout.ts';
import { chartOf } from '../../../src/projections/chart/chart.ts';
import { downTo, foldChart } from '../../../src/projections/chart/fold.ts';
import { order } from '../kernel/support/zoo.ts';
import { faults } from './support/geometry.ts';
import { machines } from './support/machines.ts';

/** Layout is nothing but computing; the largest chart takes 4 s on a machine that is idle. */
const patience = 240_000;

describe('a chart laid out', () => {
  it.each(machines.map(([name, machine]) => ({ name, machine })))('given $name, when it is laid out, then nothing hides anything else', async ({ machine }) => {
    const chart = chartOf(machine);
    const geometry = await layout(chart);
    expect(faults(geometry)).toEqual([]);
    expect(geometry.states).toHaveLength(chart.states.length);
    expect(geometry.labels).toHaveLength(chart.transitions.filter(({ targets }) => targets.length > 0).length);
  }, patience);

  it.each(machines.slice(0, 5).map(([name, machine]) => ({ name, machine })))('given $name folded, or with actions, or from left to right, then it is as legible', async ({ machine }) => {
    const folded = foldChart(chartOf(machine), downTo(2));
    expect(faults(await layout(folded))).toEqual([]);
    expect(faults(await layout(folded, { actions: true }))).toEqual([]);
    expect(faults(await layout(folded, { direction: 'RIGHT' }))).toEqual([]);
  }, patience);

  it('given the same chart twice, then it is laid out the same: a picture can be kept', async () => {
    const [one, two] = [await layout(chartOf(order)), await layout(chartOf(order))];
    expect(one).toEqual(two);
  });

  it('given an order, then where it begins stands on top, with an arrow from a dot', async () => {
    const { states, starts } = await layout(chartOf(order));
    const tops = states.filter(({ state }) => state.parent !== null).sort((a, b) => a.y - b.y);
    expect(tops[0]?.state.key).toBe('open');
    expect(starts.map(({ state, points }) => [state, points.length > 1])).toEqual([['order', true]]);
  });
});

describe('the check of the geometry', () => {
  it('given a label moved over another, over a state, or a state off its parent, then it is found', async () => {
    const good = await layout(chartOf(order));
    const [first, second] = good.labels;
    const open = good.states.find(({ state }) => state.key === 'open');
    if (first === undefined || second === undefined || open === undefined) return expect.fail('the order has labels');
    const { x, y } = second;
    expect(faults({ ...good, labels: [{ ...first, x, y }, ...good.labels.slice(1)] }).join()).toContain('overlap');
    expect(faults({ ...good, labels: [{ ...first, x: open.x, y: open.y }, ...good.labels.slice(1)] }).join()).toContain('lies over order.open');
    expect(faults({ ...good, states: good.states.map((state) => (state === open ? { ...state, x: -5 } : state)) }).join()).toContain('sticks out');
  });
});
