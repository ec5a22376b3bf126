import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.ts';
import { virtualClock } from '../../support/fake/clock.ts';

describe('the system clock', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });
  const month = 30 * 24 * 3600_000;

  it('given a delay longer than a timer of Node can be, when it is over and not before, then it fires once', () => {
    const fire = vi.fn<() => void>();
    systemClock.after(2 * month, fire);
    vi.advanceTimersByTime(2 * month - 1);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(month);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('given a long delay that is cancelled half-way, when its moment comes, then nothing happens', () => {
    const fire = vi.fn<() => void>();
    const cancel = systemClock.after(2 * month, fire);
    vi.advanceTimersByTime(month);
    cancel();
    vi.advanceTimersByTime(2 * month);
    expect(fire).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('given a moment that has passed, when it is waited for, then it fires at once', () => {
    const fire = vi.fn<() => void>();
    systemClock.after(-5, fire);
    vi.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledTimes(1);
  });
});

describe('the virtual clock', () => {
  it('given timers and promises that set more timers, when time is advanced, then all fire in order, each at its moment', async () => {
    const clock = virtualClock(1000);
    const seen: string[] = [];
    const note = (name: string): void => { seen.push(`${name}@${clock.now()}`); };
    clock.after(20, () => note('late'));
    clock.after(10, () => { void Promise.resolve().then(() => Promise.resolve()).then(() => { clock.after(5, () => note('inner')); }); });
    clock.after(20, () => note('later'));
    const cancel = clock.after(12, () => note('cancelled'));
    cancel();
    await clock.advance(30);
    expect(seen).toEqual(['inner@1015', 'late@1020', 'later@1020']);
    expect(clock.now()).toBe(1030);
    expect(clock.next()).toBeUndefined();
  });

  it('given a condition that never holds, when it is run until then, then it says why it gave up', async () => {
    const clock = virtualClock();
    await expect(clock.runUntil(() => false)).rejects.toThrow('no timer is left');
    const again = (): void => { clock.after(1000, again); };
    again();
    await expect(clock.runUntil(() => false, 5000)).rejects.toThrow('5000 ms of virtual time passed');
  });
});
