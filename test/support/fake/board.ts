import type { ActorName } from '../../../src/kernel/record.ts';
import type { Board, BoardEntry } from '../../../src/runtime/ports/board.ts';

/** The read model in memory. */
export function fakeBoard(): Board {
  const entries = new Map<ActorName, BoardEntry>();
  return {
    async put(entry) {
      await Promise.resolve();
      const known = entries.get(entry.actor);
      if (known === undefined || known.seq <= entry.seq) entries.set(entry.actor, structuredClone(entry));
    },
    async list({ type, status } = {}) {
      await Promise.resolve();
      return [...entries.values()]
        .filter((entry) => (type === undefined || entry.actor.startsWith(`${type}/`)) && (status === undefined || entry.status === status))
        .sort((a, b) => (a.actor < b.actor ? -1 : 1));
    },
    async get(actor) {
      await Promise.resolve();
      return entries.get(actor);
    },
  };
}
