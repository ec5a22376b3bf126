import type { ActorName } from '../../../src/kernel/record.ts';
import type { Snapshot, Snapshots } from '../../../src/runtime/ports/snapshots.ts';

export interface FakeSnapshots extends Snapshots {
  readonly stored: Map<ActorName, Snapshot>;
  /** How often one was asked for and found. */
  found: number;
}

/** Snapshots in memory, as they would come back from a broker. */
export function fakeSnapshots(): FakeSnapshots {
  const stored = new Map<ActorName, Snapshot>();
  const fake: FakeSnapshots = {
    stored, found: 0,
    async get(actor) {
      await Promise.resolve();
      const snapshot = stored.get(actor);
      if (snapshot !== undefined) fake.found++;
      return structuredClone(snapshot);
    },
    async put(actor, snapshot) {
      await Promise.resolve();
      stored.set(actor, structuredClone(snapshot));
    },
    async drop(actor) {
      await Promise.resolve();
      stored.delete(actor);
    },
  };
  return fake;
}
