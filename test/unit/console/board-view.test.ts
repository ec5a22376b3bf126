import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boardView } from '../../../src/console/feeds/board-view.ts';
import type { BoardRow, BoardWindow, Status } from '../../../src/console/protocol.ts';

const row = (id: number, more: Partial<BoardRow> = {}): BoardRow => ({ actor: `build/b${id}`, status: 'running', value: 'working', seq: 1, at: id, createdAt: id, ...more });
const names = (rows: readonly BoardRow[]): string[] => rows.map(({ actor }) => actor);

describe('a window on the board', () => {
  it('given rows, when one changes, then it comes first, and its place and its status are given up', () => {
    const view = boardView({});
    view.take([row(1), row(2), row(3)]);
    view.take([row(1, { at: 9, status: 'failed', seq: 2 })]);
    expect(names(view.slice(0, 10))).toEqual(['build/b1', 'build/b3', 'build/b2']);
    expect(view.counts).toEqual({ running: 2, failed: 1 });
    expect(names(view.slice(1, 1))).toEqual(['build/b3']);
  });

  it('given a filter on the status, then the counts are still those of every status', () => {
    const view = boardView({ status: ['failed'] });
    view.take([row(1), row(2, { status: 'failed' })]);
    expect([view.total, view.counts]).toEqual([1, { running: 1, failed: 1 }]);
    view.take([row(2, { status: 'completed', seq: 2 })]);
    expect([view.total, view.counts.completed, view.slice(0, 5)]).toEqual([0, 1, []]);
  });

  it('given words to search for, then each must be in the name, the state, what it waits for or why it is blocked', () => {
    const view = boardView({ text: 'COMPILER b2' });
    view.take([row(1, { waitingFor: [{ kind: 'activity', name: 'compiler' }] }), row(2, { waitingFor: [{ kind: 'activity', name: 'compiler' }] }),
      row(22, { status: 'blocked', blocked: { actor: 'run/r1', reason: 'the compiler is gone', commands: ['retry-undo'] } }), row(23)]);
    expect(names(view.slice(0, 5))).toEqual(['build/b22', 'build/b2']);
  });

  it('given the order of attention, then what needs a person stands before what runs, and what ended well is last', () => {
    const view = boardView({ sort: 'attention' });
    view.take([row(1, { status: 'completed' }), row(2), row(3, { status: 'blocked' }), row(4, { status: 'failed' })]);
    expect(names(view.slice(0, 5))).toEqual(['build/b3', 'build/b4', 'build/b2', 'build/b1']);
  });

  it('given any changes in any portions, then it shows what filtering and sorting everything anew would show', () => {
    const statuses: readonly Status[] = ['running', 'failed', 'blocked', 'completed'];
    const changes = fc.array(fc.record({ id: fc.nat(12), at: fc.nat(50), status: fc.constantFrom(...statuses), parent: fc.constantFrom(undefined, 'build/p1' as const) }), { maxLength: 60 });
    const filters: fc.Arbitrary<Partial<BoardWindow>> = fc.record({
      status: fc.option(fc.subarray([...statuses], { minLength: 1 }), { nil: undefined }), roots: fc.boolean(), text: fc.constantFrom('', 'b1'), sort: fc.constantFrom('changed', 'actor', 'attention'),
    });
    fc.assert(fc.property(changes, filters, fc.integer({ min: 1, max: 9 }), (given, filter, portion) => {
      const view = boardView(filter as BoardWindow);
      const rows = given.map(({ id, at, status, parent }, seq) => row(id, { at, status, seq, ...(parent === undefined ? {} : { parent }) }));
      for (let from = 0; from < rows.length; from += portion) view.take(rows.slice(from, from + portion));
      const anew = boardView(filter as BoardWindow);
      anew.take([...new Map(rows.map((one) => [one.actor, one])).values()]);
      expect(view.slice(0, 100)).toEqual(anew.slice(0, 100));
      expect(view.total).toBe(anew.total);
      const counted = (counts: typeof view.counts): unknown => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
      expect(counted(view.counts)).toEqual(counted(anew.counts));
      const expected = [...new Map(rows.map((one) => [one.actor, one])).values()]
        .filter((one) => (filter.status?.includes(one.status) ?? true) && (!filter.roots || one.parent === undefined) && one.actor.includes(filter.text ?? ''));
      expect(new Set(view.slice(0, 100))).toEqual(new Set(expected));
    }), { numRuns: 200 });
  });
});
