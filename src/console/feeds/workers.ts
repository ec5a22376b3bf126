import type { Broker } from '../../adapters/nats/broker.ts';
import { workersBucket } from '../../adapters/nats/workers/bucket.ts';
import type { WorkerEntry } from '../../adapters/nats/workers/entry.ts';
import { defaultLeaseMs } from '../../adapters/nats/workers/queue.ts';
import type { WorkerRow } from '../protocol.ts';

/** The workers that live. Who gives no sign for its lease is dead. */
export interface WorkersFeed {
  readonly now: readonly WorkerRow[];
  /** Told of what a person would see, not of every sign of life. Returns how to stop. */
  onChange(tell: (workers: readonly WorkerRow[]) => void): () => void;
  reload(): Promise<void>;
  close(): void;
}

interface Alive {
  readonly row: WorkerRow;
  readonly dies: NodeJS.Timeout;
}

/** Hears their signs of life through one plain subscription. */
export function workersFeed(broker: Broker): WorkersFeed {
  const bucket = workersBucket(broker, defaultLeaseMs);
  const alive = new Map<string, Alive>();
  const listeners = new Set<(workers: readonly WorkerRow[]) => void>();
  const rows = (): readonly WorkerRow[] => [...alive.values()].map(({ row }) => row).toSorted((a, b) => a.startedAt - b.startedAt);
  let told = '[]';
  const tell = (): void => {
    const now = JSON.stringify(rows());
    if (now === told) return;
    told = now;
    for (const listener of listeners) listener(rows());
  };
  const bury = (id: string): void => {
    clearTimeout(alive.get(id)?.dies);
    alive.delete(id);
    tell();
  };
  const seen = (entry: WorkerEntry): void => {
    const { id, host, pid, startedAt, machines, leaseMs } = entry;
    clearTimeout(alive.get(id)?.dies);
    const serves = Object.fromEntries(Object.entries(entry.serves).map(([type, partitions]) => [type, partitions.length]));
    const dies = setTimeout(() => bury(id), leaseMs);
    dies.unref();
    alive.set(id, { row: { id, host, pid, startedAt, machines: machines.map(({ name }) => name), serves }, dies });
    tell();
  };
  const listening = bucket.listen(({ id, entry }) => { if (entry === undefined) bury(id); else seen(entry); });
  return {
    get now() { return rows(); },
    onChange(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    reload: async () => { for (const { entry } of await bucket.list()) if (!alive.has(entry.id)) seen(entry); },
    close() {
      listening.unsubscribe();
      for (const { dies } of alive.values()) clearTimeout(dies);
    },
  };
}
