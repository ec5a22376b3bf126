import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActorName } from '../src/kernel/record.ts';
import { startWorker } from './child.ts';
import type { BenchWorld } from './world.ts';

export interface CrashFigures {
  readonly killed: 'worker' | 'server';
  readonly sagas: number;
  /** How many were done when it was killed. */
  readonly doneBefore: number;
  /** From the worker's death, or from the server's return, until all were done. */
  readonly allDoneMs: number;
  /** Steps whose code ran more than once. */
  readonly ranTwice: number;
  readonly steps: number;
}

const last = 12;

/** `sagas` of eleven steps at once; two workers; when a third of the records is there, one worker, or the server, is killed. */
export async function runCrash(world: BenchWorld, killed: CrashFigures['killed'], sagas: number): Promise<CrashFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-runs-'));
  const runs = join(folder, 'runs');
  const workers = [await startWorker(world.url(), runs), await startWorker(world.url(), runs)];
  const done = new Set<ActorName>();
  let records = 0;
  const reading = new AbortController();
  let wake = (): void => undefined;
  const until = (reached: () => boolean): Promise<void> => new Promise((resolve) => {
    wake = () => { if (reached()) resolve(); };
    wake();
  });
  const reader = (async () => {
    for await (const { actor, seq } of world.log.follow({ fromStart: true, signal: reading.signal })) {
      records++;
      if (seq === last) done.add(actor);
      wake();
    }
  })();
  try {
    await Promise.all(Array.from({ length: sagas }, (_, index) => world.queue.send({ to: `counted/s${index}`, command: 'create', body: { n: 1 }, id: `s${index}` })));
    await until(() => records >= (sagas * last) / 3);
    const doneBefore = done.size;
    if (killed === 'worker') await workers[0]?.kill();
    else await world.restart();
    const start = performance.now();
    await until(() => done.size === sagas);
    const allDoneMs = performance.now() - start;
    const lines = readFileSync(runs, 'utf8').trim().split('\n');
    return { killed, sagas, doneBefore, allDoneMs, ranTwice: lines.length - new Set(lines).size, steps: new Set(lines).size };
  } finally {
    reading.abort();
    await Promise.all([reader, ...workers.map((worker) => worker.kill())]);
    rmSync(folder, { recursive: true, force: true });
  }
}
