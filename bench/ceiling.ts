import { firstChain } from '../src/kernel/chain.ts';
import type { ActorName, LogRecord } from '../src/kernel/record.ts';
import { closedLoop, type Timing } from './stats.ts';
import { eleven } from './sagas.ts';
import type { BenchWorld } from './world.ts';

export interface CeilingFigures extends Timing {
  readonly actors: number;
}

/** The bare committer: `actors` independent actors, each appending its next record when its last one is on disk. */
export async function runCeiling(world: BenchWorld, actors: number, records: number): Promise<CeilingFigures> {
  const run = `${Date.now().toString(36)}-${actors}`;
  const ends = new Map<ActorName, { seq: number; position: number }>();
  const free = Array.from({ length: actors }, (_, index): ActorName => `ceiling/${run}-${index}`);
  const append = async (): Promise<void> => {
    const actor = free.pop();
    if (actor === undefined) throw new Error('more appends at once than actors');
    const { seq, position } = ends.get(actor) ?? { seq: 0, position: 0 };
    ends.set(actor, { seq: seq + 1, position: await world.log.append(recordOf(actor, seq + 1), position) });
    free.push(actor);
  };
  await closedLoop(actors * 4, actors, append);
  return { actors, ...await closedLoop(records, actors, append) };
}

/** As large as a record of the eleven-step saga. */
const recordOf = (actor: ActorName, seq: number): LogRecord => ({
  actor, seq, at: Date.now(), type: 'activity.completed', cause: `${seq}:0`, machine: eleven.stamp, chain: firstChain,
  data: { activity: 'step-1', effect: `${seq}:0`, output: { out1: 1 } },
});
