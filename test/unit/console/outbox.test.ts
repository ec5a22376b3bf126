import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Pushed } from '../../../src/console/protocol.ts';
import { outbox, type Line } from '../../../src/console/server/outbox.ts';

/** A socket whose other end takes nothing until told to. */
function line(): Line & { readonly sent: string[]; drain(): void; ended: boolean } {
  let under: (() => void)[] = [];
  return {
    sent: [], ended: false, bufferedAmount: 0,
    send(text, sent) {
      this.sent.push(text);
      (this as { bufferedAmount: number }).bufferedAmount += text.length;
      under.push(sent);
    },
    terminate() { this.ended = true; },
    drain() {
      (this as { bufferedAmount: number }).bufferedAmount = 0;
      const all = under;
      under = [];
      for (const sent of all) sent();
    },
  };
}

const link = (since: number): Pushed => ({ push: 'link', link: { state: 'up', since, server: 's' } });

describe('what goes to one page', () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }); });
  afterEach(() => { vi.useRealTimers(); });

  it('given a thousand changes in a second, then the page gets the latest ten times and no more', () => {
    const to = line();
    const out = outbox(to, { everyMs: 100 });
    let now = 0;
    const take = (): Pushed => link(now);
    for (let i = 0; i < 1_000; i++) {
      now = i;
      out.news(take);
      vi.advanceTimersByTime(1);
      to.drain();
    }
    expect(to.sent.length).toBeGreaterThanOrEqual(9);
    expect(to.sent.length).toBeLessThanOrEqual(11);
  });

  it('given a page that takes nothing, when changes go on, then nothing more is put in its way, and once it takes it gets the latest', () => {
    const to = line();
    const out = outbox(to, { everyMs: 100, room: 50 });
    let now = 0;
    const take = (): Pushed => link(now);
    for (let i = 0; i < 5_000; i++) {
      now = i;
      out.news(take);
      vi.advanceTimersByTime(10);
    }
    expect(to.sent).toHaveLength(1);
    to.drain();
    vi.advanceTimersByTime(100);
    expect(to.sent).toHaveLength(2);
    expect(JSON.parse(to.sent[1] ?? '')).toEqual(link(4_999));
  });

  it('given a page that asks for ever and takes no answer, then it is given up', () => {
    const to = line();
    const out = outbox(to, { most: 100 });
    for (let id = 1; id < 20; id++) out.answer({ id, yes: null });
    expect(to.ended).toBe(true);
    expect(to.sent.length).toBeLessThan(8);
  });

  it('given something that is watched no more, then it is not taken', () => {
    const to = line();
    const out = outbox(to);
    const take = (): Pushed => link(1);
    out.news(take);
    out.forget(take);
    vi.advanceTimersByTime(1_000);
    expect(to.sent).toEqual([]);
  });
});
