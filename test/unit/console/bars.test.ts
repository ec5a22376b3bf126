import { describe, expect, it } from 'vitest';
import { placesOf } from '../../../src/console/page/bars.ts';

/** None narrower than can be pressed, none upon another, none outside. */
function expectApart(places: ReturnType<typeof placesOf>): void {
  for (const [i, { left, width }] of places.entries()) {
    expect(width).toBeGreaterThan(0.001);
    expect(left).toBeGreaterThanOrEqual((places[i - 1]?.left ?? 0) + (places[i - 1]?.width ?? 0) - 1e-9);
    expect(left + width).toBeLessThanOrEqual(1 + 1e-9);
  }
}

describe('bars of a lane', () => {
  it('given bars long enough, then each stands where it was, as wide as it took', () => {
    expect(placesOf([{ from: 0, to: 0.25 }, { from: 0.5, to: 1 }])).toEqual([{ left: 0, width: 0.25 }, { left: 0.5, width: 0.5 }]);
  });

  it('given bars that took no time, at the very end as well, then each can be seen and pressed', () => {
    expectApart(placesOf([{ from: 0, to: 0 }, { from: 0.5, to: 0.5 }, { from: 0.5, to: 0.5 }, { from: 1, to: 1 }, { from: 1, to: 1 }]));
    expectApart(placesOf([{ from: 0, to: 1 }, { from: 1, to: 1 }, { from: 1, to: 1 }]));
  });

  it('given more than there is room for, then they share it', () => {
    expectApart(placesOf(Array.from({ length: 150 }, (_, i) => ({ from: i / 150, to: (i + 1) / 150 }))));
    expectApart(placesOf(Array.from({ length: 300 }, () => ({ from: 1, to: 1 }))));
  });
});
