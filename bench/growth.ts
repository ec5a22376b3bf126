import type { ActorName, LogRecord } from '../src/kernel/record.ts';
import { storeAll } from '../test/support/stored.ts';
import { natsBoard } from '../src/adapters/nats/board.ts';
import { closedLoop } from './stats.ts';
import { eleven } from './sagas.ts';
import { sagaLog } from './load.ts';
import { runFirstAnswer, type ParkedFigures } from './parked.ts';
import { runSagas, type SagaFigures } from './w1.ts';
import type { BenchWorld } from './world.ts';

export interface GrowthFigures extends SagaFigures, Pick<ParkedFigures, 'firstAnswerMs' | 'firstWakeMs'> {
  /** Finished sagas in the streams and on the board when it was measured. */
  readonly finished: number;
}

/** W1 and the first answer of one who is asleep, with few and with many finished sagas in the streams. */
export async function runGrowth(world: BenchWorld, finished: readonly number[], load: { readonly atOnce: number; readonly sagas: number; readonly workers: number }): Promise<GrowthFigures[]> {
  const board = natsBoard(world.broker);
  const figures: GrowthFigures[] = [];
  let there = 0;
  for (const wanted of finished) {
    const first = there;
    const name = (index: number): ActorName => `eleven/old-${first + index}`;
    await storeAll(world.broker, logs(wanted - first, name));
    await closedLoop(wanted - first, 256, async (index) => {
      await board.put({ actor: name(index), seq: 12, status: 'completed', value: 'completed', at: 1_700_000_000_012 });
    });
    there = wanted;
    const answer = await runFirstAnswer(world, `with-${wanted}`);
    const sagas = await runSagas(world, { definition: eleven, records: 12, loads: [[load.atOnce, load.sagas]], workers: load.workers, name: `with-${wanted}` });
    for (const figure of sagas) figures.push({ ...figure, ...answer, finished: wanted });
  }
  return figures;
}

function* logs(count: number, name: (index: number) => ActorName): Generator<LogRecord> {
  for (let index = 0; index < count; index++) yield* sagaLog(name(index));
}
