import { describe, expect, it } from 'vitest';
import { after, requestChart } from '../../../src/machines/request/chart.ts';
import { entered, isPending, settled } from '../../../src/machines/request/book.ts';
import { requestDefinition } from '../../../src/machines/request/machine.ts';
import { chartOf } from '../../../src/projections/chart/chart.ts';
import { chartMermaid } from '../../../src/projections/chart/mermaid.ts';

const asking = (id: string, at: number, event: object = {}) => ({ event, self: { at, cause: id } });

describe('the chart of a request', () => {
  it('given a pending request, when it is settled, then once and for ever', () => {
    expect(after('pending', 'complete')).toBe('completed');
    expect(after('pending', 'fail')).toBe('failed');
    expect([after('completed', 'fail'), after('failed', 'complete')]).toEqual(['completed', 'failed']);
  });

  it('given the chart, when it is drawn, then it shows what can become of a request', () => {
    const { machine, stamp } = requestDefinition();
    expect(stamp.name).toBe('request');
    expect(machine.root.key).toBe(requestChart.root.key);
    for (const word of ['pending', 'completed', 'failed', 'complete', 'fail']) expect(chartMermaid(chartOf(machine), {})).toContain(word);
  });
});

describe('the book of requests', () => {
  it('given who asked, why and when, when a request is entered, then all of it stands there, and it pends', () => {
    expect(entered([], 'stop', { done: 1 }, asking('c7', 5, { by: 'ann', reason: 'lunch' }))).toEqual([
      { id: 'c7', command: 'stop', by: 'ann', reason: 'lunch', at: 5, state: 'pending', counts: { done: 1 } },
    ]);
  });

  it('given a record that settles nothing, when it is folded, then the book is the same one', () => {
    const book = entered([], 'stop', {}, asking('c1', 1));
    expect(settled(book, 2, () => undefined)).toBe(book);
    const done = settled(book, 2, () => ({ complete: 'stopped' }));
    expect(settled(done, 3, () => ({ fail: 'late', code: 'late' }))).toBe(done);
    expect(done).toMatchObject([{ state: 'completed', settledAt: 2, detail: 'stopped' }]);
  });

  it('given many requests, when more come, then what pends is kept, and of the settled ones the last few', () => {
    let book = entered([], 'cancel', {}, asking('first', 0));
    for (let n = 1; n <= 30; n++) {
      book = settled(entered(book, 'stop', {}, asking(`s${n}`, n)), n, ({ command }) => (command === 'stop' ? { complete: 'stopped' } : undefined));
    }
    expect(isPending(book, 'cancel')).toBe(true);
    expect(book.map(({ id }) => id)).toEqual(['first', ...Array.from({ length: 9 }, (_, n) => `s${22 + n}`)]);
  });
});
