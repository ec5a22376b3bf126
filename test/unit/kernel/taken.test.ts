import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Taken } from '../../../src/kernel/taken.ts';

const anyIds = fc.uniqueArray(fc.oneof(fc.string(), fc.constantFrom('constructor', '__proto__', 'toString')), { minLength: 1, maxLength: 200 });

describe('the ids taken', () => {
  it('given any number of ids, then each is found, earlier sets stay as they were, and forks do not meet', () => {
    fc.assert(fc.property(anyIds, fc.nat(), (ids, somewhere) => {
      const sets = [Taken.none];
      ids.forEach((id, i) => sets.push((sets[i] as Taken).with(id, 2 * i + 1)));
      const last = sets.at(-1) as Taken;
      ids.forEach((id, i) => {
        expect(last.at(id)).toBe(2 * i + 1);
        expect(sets[i]?.at(id)).toBeUndefined();
        expect([...sets[i] as Taken]).toHaveLength(i);
      });
      expect([...last]).toEqual(ids.map((id, i) => [id, 2 * i + 1]));
      const fork = (sets[somewhere % ids.length] as Taken).with('the fork', 1_000);
      const next = ids[somewhere % ids.length] as string;
      expect([fork.at('the fork'), fork.at(next), last.at('the fork'), last.at(next)]).toEqual([1_000, undefined, undefined, expect.any(Number)]);
    }), { numRuns: 50 });
  });

  it('given what is kept of them, then it says the same and goes on by itself', () => {
    const taken = Taken.none.with('a', 1).with('b', 4);
    const kept = Taken.from([...taken]);
    expect([kept.with('c', 5).at('b'), kept.at('c'), taken.at('c')]).toEqual([4, undefined, undefined]);
    expect(Taken.from([])).toBe(Taken.none);
  });
});
