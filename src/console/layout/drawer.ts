import { Worker } from 'node:worker_threads';
import { RetryableError, type MillraceError } from '../../kernel/errors.ts';
import type { DrawnChart } from '../../projections/chart/fold.ts';
import type { Geometry } from '../../projections/chart/geometry.ts';
import { compiledFile } from '../places.ts';

/** Lays charts out in a thread of its own, one after another, the smallest first: a large one takes seconds. */
export interface Drawer {
  /** @throws RetryableError `not_drawn`. */
  draw(chart: DrawnChart): Promise<Geometry>;
  close(): Promise<void>;
}

export type Drawn = { readonly id: number; readonly geometry: Geometry } | { readonly id: number; readonly failed: string };

interface Waiting {
  readonly chart: DrawnChart;
  readonly resolve: (geometry: Geometry) => void;
  readonly reject: (error: MillraceError) => void;
}

export function drawer(): Drawer {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let last = 0;
  /** The one that is being laid out. */
  let drawing: number | undefined;

  const giveUp = (why: string): void => {
    thread = undefined;
    drawing = undefined;
    for (const { reject } of waiting.values()) reject(notDrawn(why));
    waiting.clear();
  };
  const next = (): void => {
    const [first] = [...waiting].toSorted(([, a], [, b]) => a.chart.states.length - b.chart.states.length);
    if (drawing !== undefined) return;
    if (first === undefined) return thread?.unref();
    const [id, { chart }] = first;
    drawing = id;
    thread ??= begin();
    thread.ref();
    thread.postMessage({ id, chart });
  };
  const begin = (): Worker => {
    const made = new Worker(compiledFile('console/layout/drawer-thread.js'));
    made.on('message', (drawn: Drawn) => {
      const { resolve, reject } = waiting.get(drawn.id) ?? {};
      waiting.delete(drawn.id);
      if ('geometry' in drawn) resolve?.(drawn.geometry);
      else reject?.(notDrawn(drawn.failed));
      drawing = undefined;
      next();
    });
    made.on('error', (error) => { giveUp(error.message); });
    made.on('exit', () => { if (thread === made) giveUp('its thread ended'); });
    return made;
  };
  return {
    draw: (chart) => new Promise((resolve, reject) => {
      waiting.set(++last, { chart, resolve, reject });
      next();
    }),
    close: async () => { await thread?.terminate(); },
  };
}

const notDrawn = (why: string): RetryableError => new RetryableError('not_drawn', `the chart could not be laid out: ${why}`, { hint: 'try again, or look at it with `millrace chart`' });
