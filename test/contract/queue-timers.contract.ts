import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queueCase, textOf, timer, type QueueCase, type QueueHarness } from '../support/queue.ts';

export function queueTimersContract(name: string, open: () => Promise<QueueHarness>): void {
  describe(`timers of the command queue: ${name}`, () => {
    let h: QueueCase;
    beforeEach(async () => { h = queueCase(await open()); });
    afterEach(() => h.end());

    it('given a scheduled command, when it is due and not before, then it comes under its own id and leaves nothing behind', async () => {
      const got = await h.consume(['build']);
      const due = h.now() + 600;
      await h.queue.schedule({ ...timer('t-1', 'wait', due), by: 'order/o1' });
      await h.until(() => got.length === 1, 3000);
      // A server rounds to its own clock; a few milliseconds early would be its business.
      expect(h.now()).toBeGreaterThanOrEqual(due - 5);
      expect(got[0]).toMatchObject({ type: 'build', actorId: 'b1', command: '_timer', id: 't-1', subject: `${h.prefix}.cmd.build.b1._timer` });
      expect(got[0]?.headers).toMatchObject({ 'Millrace-By': 'order/o1' });
      expect(textOf(got[0])).toBe('{"timer":"wait"}');
      await h.empty();
    });

    it('given a due moment that has passed, when it is scheduled, then it comes at once', async () => {
      const got = await h.consume(['build']);
      await h.queue.schedule(timer('late', 'wait', h.now() - 60_000));
      await h.until(() => got.length === 1, 1000);
      expect(got[0]?.id).toBe('late');
    });

    it('given a timer that is set again, even under the same id, when time passes, then only the second setting fires', async () => {
      const got = await h.consume(['build']);
      const start = h.now();
      await h.queue.schedule(timer('a', 'wait', start + 300));
      await h.queue.schedule(timer('a', 'wait', start + 900));
      await h.queue.schedule(timer('x', 'other', start + 60_000));
      await h.queue.schedule(timer('b', 'other', start + 300));
      await h.until(() => got.length === 2, 3000);
      expect(h.now()).toBeGreaterThanOrEqual(start + 895);
      await h.pass(300);
      expect(got.map((each) => each.id)).toEqual(['b', 'a']);
      await h.empty();
    });

    it('given a timer that is cancelled, when its moment comes, then nothing happens, and cancelling again is harmless', async () => {
      const got = await h.consume(['build']);
      await h.queue.schedule(timer('gone', 'wait', h.now() + 300));
      await h.queue.schedule(timer('kept', 'wait-longer', h.now() + 700));
      await h.queue.cancelSchedule('build/b1', 'wait');
      await h.queue.cancelSchedule('build/b1', 'wait');
      await h.queue.cancelSchedule('build/b1', 'never-set');
      expect(await h.stored()).toBe(1);
      await h.until(() => got.length === 1, 3000);
      expect(got.map((each) => each.id)).toEqual(['kept']);
      await h.empty();
    });
  });
}
