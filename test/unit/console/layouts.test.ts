import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { charts } from '../../../src/console/layout/charts.ts';
import type { Drawer } from '../../../src/console/layout/drawer.ts';
import type { Arrange } from '../../../src/console/layout/elk.ts';
import { keptIn, layoutCache } from '../../../src/console/layout/kept.ts';
import { layout } from '../../../src/console/layout/layout.ts';
import { readOnlyMachines } from '../../../src/read-only-machines.ts';
import { chartOf } from '../../../src/projections/chart/chart.ts';
import type { DrawnChart } from '../../../src/projections/chart/fold.ts';
import type { Geometry } from '../../../src/projections/chart/geometry.ts';
import { order, zoo } from '../kernel/support/zoo.ts';

/** A drawer that draws nothing, and says what it was asked for. */
function pencil(): Drawer & { readonly asked: DrawnChart[] } {
  const asked: DrawnChart[] = [];
  return { asked, close: async () => undefined, draw: async (chart) => {
    asked.push(chart);
    return { width: 1, height: 1, name: chart.name, states: [], labels: [], edges: [], starts: [] } satisfies Geometry;
  } };
}

describe('charts before anybody asks', () => {
  it('given the machines of Millrace, when they were warmed, then a look at any depth lays nothing out any more', async () => {
    const [front, idle] = [pencil(), pencil()];
    const drawn = charts(front);
    await drawn.warm(readOnlyMachines(), idle, new AbortController().signal);
    for (const definition of readOnlyMachines()) for (const depth of [1, 2, 3, undefined]) await drawn.of(definition, chartOf(definition.machine), depth);
    expect(front.asked).toEqual([]);
    // As they are looked at first: every outline before the first depth.
    const sizes = idle.asked.filter(({ name }) => name === 'build').map(({ states }) => states.length);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(idle.asked.slice(0, 4).map(({ name }) => name)).toEqual(['build', 'run', 'promise', 'request']);
  });

  it('given somebody who asks for what is not drawn yet, then it is drawn for them at once, and not again in the background; what is being drawn is waited for', async () => {
    const [front, idle] = [pencil(), pencil()];
    const drawn = charts(front);
    const chart = chartOf(zoo.order.machine);
    const first = drawn.of(zoo.order, chart, 1);
    await drawn.warm([zoo.order], idle, new AbortController().signal);
    expect([front.asked.length, idle.asked.length]).toEqual([1, 0]);
    await first;
  });

  it('given a console that closes, then nothing more is laid out', async () => {
    const closing = new AbortController();
    const idle = pencil();
    const draw = idle.draw.bind(idle);
    await charts(pencil()).warm(readOnlyMachines(), { ...idle, draw: (chart) => {
      closing.abort();
      return draw(chart);
    } }, closing.signal);
    expect(idle.asked).toHaveLength(1);
  });
});

describe('layouts that are kept', () => {
  const folders: string[] = [];
  const folder = async (): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), 'layouts-'));
    folders.push(made);
    return made;
  };
  afterEach(async () => { for (const one of folders.splice(0)) await rm(one, { recursive: true, force: true }); });

  /** Says how often it was asked. */
  const slow = (): { readonly arrange: Arrange; readonly calls: () => number } => {
    let calls = 0;
    return { calls: () => calls, arrange: async (graph) => {
      calls++;
      return { ...graph, width: 100, height: 50 };
    } };
  };

  it('given a chart that was laid out, when another process lays it out, then it comes from the file, the same; another chart does not', async () => {
    const [place, first, second] = [await folder(), slow(), slow()];
    const drawn = await layout(chartOf(order), {}, keptIn(place, first.arrange));
    expect(await layout(chartOf(order), {}, keptIn(place, second.arrange))).toEqual(drawn);
    expect([first.calls() > 0, second.calls()]).toEqual([true, 0]);
    await layout(chartOf(order), { direction: 'RIGHT' }, keptIn(place, second.arrange));
    expect(second.calls()).toBeGreaterThan(0);
  });

  it('given a file that is broken, or a folder that cannot be written, then it is laid out all the same', async () => {
    const [place, first, second, third] = [await folder(), slow(), slow(), slow()];
    await layout(chartOf(order), {}, keptIn(place, first.arrange));
    for (const name of await readdir(place)) await writeFile(join(place, name), 'no gzip');
    await layout(chartOf(order), {}, keptIn(place, second.arrange));
    expect(second.calls()).toBe(first.calls());
    expect((await layout(chartOf(order), {}, keptIn('/dev/null/none', third.arrange))).width).toBe(100);
  });

  it('given many layouts, then the ones that were used longest ago are dropped', async () => {
    const [place, { arrange }] = [await folder(), slow()];
    for (let i = 0; i < 203; i++) await keptIn(place, arrange)({ id: `graph ${i}` });
    expect(await readdir(place)).toHaveLength(200);
  });

  it('given the environment, then they are in its cache', () => {
    expect(layoutCache({ XDG_CACHE_HOME: '/cache', HOME: '/home/me' })).toBe('/cache/millrace/layouts');
    expect(layoutCache({ HOME: '/home/me' })).toBe('/home/me/.cache/millrace/layouts');
  });
});
