import { describe, expect, it } from 'vitest';
import { decodeEntry, type WorkerEntry } from '../../../src/adapters/nats/workers/entry.ts';
import { roster } from '../../../src/adapters/nats/workers/roster.ts';

const entry = (id: string, more: Partial<WorkerEntry> = {}): WorkerEntry =>
  ({ id, host: 'h', pid: 1, startedAt: 0, leaseMs: 1000, machines: [{ name: 'build', version: '1', hash: 'x' }], serves: {}, finishes: {}, ...more });
const ids = (known: ReturnType<typeof roster>): string[] => known.entries().map(({ id }) => id);

describe('the workers one has heard of', () => {
  it('given signs of life, then only a new worker or one that carries something else is a change', () => {
    const known = roster();
    expect(known.heard(entry('a'), 0)).toBe(true);
    expect(known.heard(entry('a', { serves: { build: [1] } }), 10)).toBe(false);
    expect(known.heard(entry('a', { machines: [] }), 20)).toBe(true);
    expect(known.left('a')).toBe(true);
    expect(known.left('a')).toBe(false);
  });

  it('given silence, when the lease that a worker named itself is over, then it is dead, and only once', () => {
    const known = roster();
    known.heard(entry('a'), 0);
    known.heard(entry('patient', { leaseMs: 5000 }), 0);
    known.heard(entry('b'), 500);
    expect(known.lapse(999)).toEqual([]);
    expect(known.lapse(1000)).toEqual(['a']);
    expect(known.lapse(1000)).toEqual([]);
    expect(ids(known)).toEqual(['patient', 'b']);
  });

  it('given that we were away, then nobody is dead before a fresh lease is over', () => {
    const known = roster();
    known.heard(entry('a'), 0);
    known.renewAll(9000);
    expect(known.lapse(9999)).toEqual([]);
    expect(known.lapse(10_000)).toEqual(['a']);
  });

  it('given what the bucket says, then it replaces what was known, with the ages it names', () => {
    const known = roster();
    known.heard(entry('gone'), 0);
    known.replace([{ entry: entry('old'), heardAt: 100 }, { entry: entry('new'), heardAt: 900 }]);
    expect(known.lapse(1200)).toEqual(['old']);
    expect(ids(known)).toEqual(['new']);
  });
});

describe('an entry of the bucket', () => {
  it('given what a worker wrote, then it is read; anything else is none', () => {
    const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
    expect(decodeEntry(bytes(entry('a', { serves: { build: [1, 2] } })))).toMatchObject({ id: 'a', serves: { build: [1, 2] } });
    for (const other of ['', 'no json', 'null', '[]', { id: 'a' }, { ...entry('a'), machines: [null] }, { ...entry('a'), serves: { build: 3 } }]) {
      expect(decodeEntry(bytes(other))).toBeUndefined();
    }
  });
});
