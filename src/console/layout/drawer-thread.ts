import { parentPort } from 'node:worker_threads';
import type { DrawnChart } from '../../projections/chart/fold.ts';
import type { Drawn } from './drawer.ts';
import { arrange } from './elk.ts';
import { keptIn, layoutCache } from './kept.ts';
import { layout } from './layout.ts';

const remembered = keptIn(layoutCache(process.env), arrange);

parentPort?.on('message', ({ id, chart }: { id: number; chart: DrawnChart }) => {
  const tell = (drawn: Drawn): void => parentPort?.postMessage(drawn);
  layout(chart, {}, remembered).then((geometry) => tell({ id, geometry }), (error: unknown) => tell({ id, failed: error instanceof Error ? error.message : String(error) }));
});
