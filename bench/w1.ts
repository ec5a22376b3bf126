import { readFileSync } from 'node:fs';
import { workers as workersOf } from '../src/adapters/nats/workers/list.ts';
import type { Definition } from '../src/kernel/definition.ts';
import { startWorker, type ChildWorker } from './child.ts';
import { closedLoop, type Timing } from './stats.ts';
import type { BenchWorld } from './world.ts';

export interface SagaFigures extends Timing {
  readonly atOnce: number;
  readonly sagas: number;
  /** Worker processes that shared them; who publishes is a process of its own, and its CPU is `cpuMs`. */
  readonly workers: number;
  /** Records each saga leaves in the log. */
  readonly records: number;
  /** CPU of all workers, and of the server, for one saga. NaN where there is no /proc. */
  readonly workerCpuMs: number;
  readonly serverCpuMs: number;
}

export interface SagaLoad {
  readonly definition: Definition;
  readonly records: number;
  readonly loads: readonly (readonly [atOnce: number, sagas: number])[];
  readonly workers: number;
  /** Distinguishes its sagas from others in the same streams. */
  readonly name?: string;
}

/** Publishes one creating command after the other, `atOnce` open; a saga is done when its worker tells its end, which follows its last record. */
export async function runSagas(world: BenchWorld, { definition, records, loads, workers, name = 'x' }: SagaLoad): Promise<SagaFigures[]> {
  const type = definition.stamp.name;
  const { nc, names } = world.broker;
  const ended = new Map<string, () => void>();
  const telling = nc.subscribe(`${names.prefix}.status.${type}.*`, { callback: (_, message) => {
    const id = message.subject.slice(message.subject.lastIndexOf('.') + 1);
    const { seq } = message.json<{ seq?: number }>();
    if (seq === undefined || seq < records) return;
    ended.get(id)?.();
    ended.delete(id);
  } });
  const crew = await startCrew(world, type, workers);
  const one = (run: string) => async (index: number): Promise<void> => {
    const id = `${run}-${index}`;
    const end = new Promise<void>((resolve) => { ended.set(id, resolve); });
    await world.queue.send({ to: `${type}/${id}`, command: definition.createdBy, body: { n: 1 }, id: `${type}/${id}` });
    await end;
  };
  try {
    const figures: SagaFigures[] = [];
    await closedLoop(200 * workers, 32, one(`${name}-warm`));
    for (const [atOnce, sagas] of loads) {
      const [workerBefore, serverBefore] = [await crew.cpuMs(), cpuOf(world.serverPid())];
      const timing = await closedLoop(sagas, atOnce, one(`${name}-${atOnce}`));
      const [workerAfter, serverAfter] = [await crew.cpuMs(), cpuOf(world.serverPid())];
      figures.push({ atOnce, sagas, workers, records, ...timing, workerCpuMs: (workerAfter - workerBefore) / sagas, serverCpuMs: (serverAfter - serverBefore) / sagas });
    }
    return figures;
  } finally {
    telling.unsubscribe();
    await crew.kill();
  }
}

/** So many workers, each with its share. */
async function startCrew(world: BenchWorld, type: string, count: number): Promise<{ cpuMs(): Promise<number>; kill(): Promise<void> }> {
  const crew: ChildWorker[] = [];
  for (let worker = 0; worker < count; worker++) crew.push(await startWorker(world.url(), '/dev/null'));
  const isShared = async (): Promise<boolean> => {
    const serving = (await workersOf(world.broker).list()).map(({ serves }) => (serves[type] ?? []).length).filter((share) => share > 0);
    return serving.length === count && serving.reduce((sum, share) => sum + share, 0) === world.broker.partitions;
  };
  while (!await isShared()) await new Promise((resolve) => { setTimeout(resolve, 50); });
  return {
    cpuMs: async () => (await Promise.all(crew.map((worker) => worker.cpuMs()))).reduce((sum, ms) => sum + ms, 0),
    kill: async () => { await Promise.all(crew.map((worker) => worker.kill())); },
  };
}

/** User and system time of a process so far, in milliseconds: the kernel counts hundredths of a second. */
export function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}
