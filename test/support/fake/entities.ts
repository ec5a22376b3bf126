import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { requireToken } from '../../../src/kernel/names.ts';
import type { Entities, Entity } from '../../../src/machines/build/ports.ts';

export interface FakeEntities extends Entities {
  /** Everything there is: `<kind>.<id>` -> value. */
  everything(): Record<string, JsonObject>;
}

/** Entities in memory; one counter gives every revision, as one stream does. */
export function fakeEntities(): FakeEntities {
  const stored = new Map<string, { readonly text: string; readonly revision: number }>();
  let revisions = 0;
  const entityOf = (key: string): Entity | undefined => {
    const found = stored.get(key);
    return found && { value: JSON.parse(found.text) as JsonObject, revision: found.revision };
  };
  const put = (key: string, value: JsonObject): number => {
    stored.set(key, { text: JSON.stringify(value), revision: ++revisions });
    return revisions;
  };

  return {
    everything: () => Object.fromEntries([...stored].map(([key, { text }]) => [key, JSON.parse(text) as JsonObject])),
    get: async (kind, id) => entityOf(keyOf(kind, id)),
    async create(kind, id, value) {
      const key = keyOf(kind, id);
      if (stored.has(key)) throw new TerminalError('entity_exists', `There is a ${kind} ${id} already.`);
      return put(key, value);
    },
    async update(kind, id, value, revision) {
      const key = keyOf(kind, id);
      if (stored.get(key)?.revision !== revision) throw new RetryableError('entity_changed', `${kind} ${id} is no longer at revision ${revision}.`);
      return put(key, value);
    },
    async remove(kind, id, revision) {
      const key = keyOf(kind, id);
      const found = stored.get(key);
      if (found === undefined) return true;
      if (revision !== undefined && found.revision !== revision) return false;
      revisions++; // the deletion has a revision, too
      return stored.delete(key);
    },
    async list(kind) {
      requireToken(kind, 'bad_entity_name', 'the kind');
      return [...stored.keys()].filter((key) => key.startsWith(`${kind}.`)).toSorted().flatMap((key) => {
        const entity = entityOf(key);
        return entity === undefined ? [] : [{ id: key.slice(kind.length + 1), entity }];
      });
    },
  };
}

function keyOf(kind: string, id: string): string {
  requireToken(kind, 'bad_entity_name', 'the kind');
  requireToken(id, 'bad_entity_name', `the id of ${kind}`);
  return `${kind}.${id}`;
}
