import { parentPort } from 'node:worker_threads';
import type { DrawnChart } from '../../projections/chart/fold.ts';
import type { Drawn } from './drawer.ts';
import { layout } from './layout.ts';

parentPort?.on('message', ({ id, chart }: { id: number; chart: DrawnChart }) => {
  const tell = (drawn: Drawn): void => parentPort?.postMessage(drawn);
  layout(chart).then((geometry) => tell({ id, geometry }), (error: unknown) => tell({ id, failed: error instanceof Error ? error.message : String(error) }));
});
