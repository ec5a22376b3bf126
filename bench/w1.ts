import type { Definition } from '../src/kernel/definition.ts';
import type { ActorName, LogRecord } from '../src/kernel/record.ts';
import { closedLoop, type Timing } from './stats.ts';
import type { BenchWorld } from './world.ts';

export interface SagaFigures extends Timing {
  readonly atOnce: number;
  readonly sagas: number;
  /** Records each saga leaves in the log. */
  readonly records: number;
}

/** Publishes one creating command after the other, `atOnce` open; a saga is done when its last record is on disk. */
export async function runSagas(world: BenchWorld, definition: Definition, records: number, loads: readonly (readonly [atOnce: number, sagas: number])[], name = 'x'): Promise<SagaFigures[]> {
  const ended = new Map<ActorName, () => void>();
  const onStored = ({ actor, seq }: LogRecord): void => {
    if (seq < records) return;
    ended.get(actor)?.();
    ended.delete(actor);
  };
  const host = await world.worker([definition], onStored);
  const type = definition.stamp.name;
  const one = (run: string) => async (index: number): Promise<void> => {
    const actor: ActorName = `${type}/${run}-${index}`;
    const end = new Promise<void>((resolve) => { ended.set(actor, resolve); });
    await world.queue.send({ to: actor, command: definition.createdBy, body: { n: 1 }, id: actor });
    await end;
  };
  const figures: SagaFigures[] = [];
  await closedLoop(200, 32, one(`${name}-warm`));
  for (const [atOnce, sagas] of loads) figures.push({ atOnce, sagas, records, ...await closedLoop(sagas, atOnce, one(`${name}-${atOnce}`)) });
  await host.stop();
  return figures;
}
