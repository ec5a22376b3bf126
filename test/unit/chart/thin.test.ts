import { expect, it } from 'vitest';
import { thinned } from '../../../src/projections/chart/time/thin.ts';
import type { Bar } from '../../../src/projections/chart/time/waterfall.ts';

const bar = (n: number, more: Partial<Bar> = {}): Bar => ({ effect: `${n}:0`, kind: 'run', name: 'status', attempt: n, from: n * 10, fromSeq: n * 2, to: n * 10 + 5, toSeq: n * 2 + 1, end: 'done', ...more });

it('given a few bars, then they stay as they are', () => {
  const few = [bar(1), bar(2)];
  expect(thinned(few, 0, 100)).toBe(few);
});

it('given very many, then those close together are one that says how many, none is lost, and one that failed is still to be seen and leads there', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => bar(n, n === 3_333 ? { end: 'failed', error: { code: 'lost', message: 'lost' } } : {}));
  const few = thinned(many, 0, 50_000);
  expect(few.length).toBeLessThanOrEqual(150);
  expect(few.reduce((sum, { many: joined = 1 }) => sum + joined, 0)).toBe(5_000);
  expect(few[0]).toMatchObject({ from: 0, fromSeq: 0 });
  expect(few.at(-1)).toMatchObject({ to: 49_995, toSeq: 9_999 });
  expect(few.filter(({ end }) => end === 'failed')).toEqual([expect.objectContaining({ toSeq: 6_667, error: { code: 'lost', message: 'lost' } })]);
});

it('given the last one still runs, then so does the bar it is in', () => {
  const many = Array.from({ length: 400 }, (_, n) => bar(n));
  const { to: _to, toSeq: _toSeq, ...running } = bar(400, { end: 'running' });
  const last = thinned([...many, running], 0, 4_000).at(-1);
  expect(last).toMatchObject({ end: 'running' });
  expect(last?.to).toBeUndefined();
});
