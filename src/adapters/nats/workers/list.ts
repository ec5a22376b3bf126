import type { Broker } from '../broker.ts';
import { toMillraceError } from '../errors.ts';
import { workersBucket } from './bucket.ts';
import type { WorkerEntry } from './entry.ts';
import { defaultLeaseMs } from './queue.ts';

export interface Workers {
  /** The workers that live, oldest first, and which partitions each serves. One that dies stays for its lease, three seconds. */
  list(): Promise<readonly WorkerEntry[]>;
}

/** Who serves what. */
export function workers(broker: Broker): Workers {
  return {
    async list() {
      const stored = await workersBucket(broker, defaultLeaseMs).list().catch((cause: unknown) => { throw toMillraceError(cause, 'list the workers'); });
      // Judged by the server's clock alone; the last to die goes when the bucket forgets it.
      const newest = Math.max(...stored.map(({ at }) => at));
      return stored.filter(({ entry, at }) => newest - at < entry.leaseMs).map(({ entry }) => entry)
        .toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
    },
  };
}
