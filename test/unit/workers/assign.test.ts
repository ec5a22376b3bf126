import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from '../../../src/adapters/nats/workers/assign.ts';

const ids = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9]{1,22}$/), { minLength: 1, maxLength: 20 });
const type = fc.stringMatching(/^[a-z][a-z-]{0,11}$/);
const partitions = fc.integer({ min: 1, max: 64 });

const moved = (before: readonly string[], after: readonly string[]): number => before.filter((owner, partition) => after[partition] !== owner).length;

describe('sharing the partitions of a type', () => {
  it('given any workers, then every partition has one owner among them, and shares differ by one at most', () => {
    fc.assert(fc.property(type, partitions, ids, (name, count, workers) => {
      const owners = assign(name, count, workers);
      const loads = workers.map((worker) => owners.filter((owner) => owner === worker).length);
      expect(owners).toHaveLength(count);
      expect(loads.reduce((sum, load) => sum + load, 0)).toBe(count);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    }));
  });

  it('given the same workers in another order or named twice, then everybody finds the same owners', () => {
    fc.assert(fc.property(type, partitions, ids, (name, count, workers) => {
      expect(assign(name, count, [...workers, ...workers].toReversed())).toEqual(assign(name, count, workers));
    }));
  });

  it('given a worker that comes or goes, then its own share moves and little else', () => {
    // Its share must move; the cap pushes a few more along.
    let must = 0;
    let did = 0;
    fc.assert(fc.property(type, partitions, ids.filter((each) => each.length > 1), (name, count, [one, ...rest]) => {
      const without = assign(name, count, rest);
      const withOne = assign(name, count, [one ?? '', ...rest]);
      must += withOne.filter((owner) => owner === one).length;
      did += moved(without, withOne);
      expect(moved(without, withOne)).toBeLessThanOrEqual(Math.ceil(count / 2) + 1 + (rest.length === 1 ? 0 : Math.ceil(count / 4)));
    }), { seed: 7, numRuns: 500 });
    expect(did / must).toBeLessThan(2);
  });

  it('given nobody who carries the type, then nobody owns anything', () => {
    expect(assign('build', 16, [])).toEqual([]);
  });

  it('given many types of one partition each, then they do not all go to one worker', () => {
    const owners = Array.from({ length: 30 }, (_, n) => assign(`type-${n}`, 1, ['a', 'b', 'c'])[0]);
    for (const id of ['a', 'b', 'c']) expect(owners.filter((owner) => owner === id).length).toBeGreaterThanOrEqual(4);
  });
});
