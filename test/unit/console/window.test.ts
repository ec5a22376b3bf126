import { describe, expect, it } from 'vitest';
import { inSight, movedTo } from '../../../src/console/page/window.ts';

describe('the window of a long list', () => {
  it.each([[0, 500, 50, 0, 30], [5_000, 500, 50, 90, 30], [40, 0, 50, 0, 20]])('given a list scrolled to %i of which %i are seen, rows of %i, then rows from %i on, %i of them, are drawn', (top, seen, height, from, count) => {
    expect(inSight(top, seen, height)).toEqual([from, count]);
  });

  it.each([['ArrowDown', -1, 0], ['ArrowDown', 99, 99], ['ArrowUp', 0, 0], ['ArrowUp', 5, 4], ['PageDown', 5, 15], ['PageUp', 5, 0], ['Home', 50, 0], ['End', -1, 99]] as const)('given %s on row %i of 100 with ten in sight, then it is row %i', (key, current, to) => {
    expect(movedTo(key, current, 100, 10)).toBe(to);
  });

  it('given any other key, or a list without rows, then nothing moves', () => {
    expect(movedTo('a', 0, 100, 10)).toBeUndefined();
    expect(movedTo('ArrowDown', -1, 0, 10)).toBeUndefined();
  });
});
