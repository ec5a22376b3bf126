import type { WorkerEntry } from './entry.ts';

/** The workers one worker has heard of, and when. Times are milliseconds of any clock that only goes forward. */
export interface Roster {
  entries(): readonly WorkerEntry[];
  /** True when this changes who is there or what they carry. */
  heard(entry: WorkerEntry, at: number): boolean;
  /** It said that it goes. True when it was there. */
  left(id: string): boolean;
  /** Forget those whose lease is over; their ids. */
  lapse(now: number): readonly string[];
  /** We were away and may have missed signs of life: everybody gets a fresh lease. */
  renewAll(now: number): void;
  /** Only these are there, so far as the bucket knows; `heardAt` by id. */
  replace(entries: readonly { readonly entry: WorkerEntry; readonly heardAt: number }[]): void;
}

export function roster(): Roster {
  const known = new Map<string, { readonly entry: WorkerEntry; readonly heardAt: number }>();
  return {
    entries: () => [...known.values()].map(({ entry }) => entry),
    heard(entry, heardAt) {
      const before = known.get(entry.id)?.entry;
      known.set(entry.id, { entry, heardAt });
      return before === undefined || carried(before) !== carried(entry);
    },
    left: (id) => known.delete(id),
    lapse(now) {
      const over = [...known.values()].filter(({ entry, heardAt }) => now - heardAt >= entry.leaseMs).map(({ entry }) => entry.id);
      for (const id of over) known.delete(id);
      return over;
    },
    renewAll(now) {
      for (const [id, { entry }] of known) known.set(id, { entry, heardAt: now });
    },
    replace(entries) {
      known.clear();
      for (const each of entries) known.set(each.entry.id, each);
    },
  };
}

const carried = ({ machines }: WorkerEntry): string => machines.map(({ name }) => name).toSorted().join(' ');
