import type { ActorName } from '../src/kernel/record.ts';
import type { BenchWorld } from './world.ts';

/** The fewest and the most live chains a run was ever seen with. */
export interface Chains {
  readonly min: number;
  readonly max: number;
}

/**
 * A run's chain is the check that is open (`open`: how many it has), or the scheduled message that opens the
 * next one. That message is still there when its check has begun by the worker's own timer: the two are one
 * chain. A run has none when it had neither at two looks in a row: between two looks it is on its way.
 */
export function chainsOf({ broker }: BenchWorld, runs: readonly ActorName[], open: ReadonlyMap<ActorName, number>): { look(): Promise<void>; seen(): Chains } {
  let [min, max] = [Infinity, 0];
  let without = new Set<ActorName>();
  return {
    async look() {
      const before = new Map(open);
      const scheduled = await schedules();
      const missed = without;
      without = new Set();
      for (const run of runs) {
        const chains = Math.max(before.get(run) ?? 0, scheduled.get(run) ?? 0, open.get(run) ?? 0);
        if (chains === 0) without.add(run);
        min = Math.min(min, missed.has(run) ? chains : Math.max(1, chains));
        max = Math.max(max, chains);
      }
    },
    seen: () => ({ min, max }),
  };

  async function schedules(): Promise<Map<string, number>> {
    const { state } = await broker.jsm.streams.info(broker.names.streams.commands, { subjects_filter: `${broker.names.prefix}.timer.run.>` });
    const found = new Map<string, number>();
    for (const [subject, count] of Object.entries(state.subjects ?? {})) {
      const [, , type, id, timer = ''] = subject.split('.');
      if (timer.includes('nextCheck')) found.set(`${type}/${id}`, (found.get(`${type}/${id}`) ?? 0) + count);
    }
    return found;
  }
}
