import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../src/runtime/ports/queue.ts';
import { command, keep, queueCase, type QueueCase, type QueueHarness } from '../support/queue.ts';

export function queueWorkersContract(name: string, open: () => Promise<QueueHarness>): void {
  describe(`workers of the command queue: ${name}`, () => {
    let h: QueueCase;
    beforeEach(async () => { h = queueCase(await open()); });
    afterEach(() => h.end());

    it('given a delivery that is neither acknowledged nor extended, when the wait is over, then it comes back; an extended one does not', async () => {
      const got = await h.consume(['build', 'order'], h.queue, keep);
      await h.queue.send(command('left'));
      await h.queue.send(command('kept', { to: 'order/o1' }));
      await h.until(() => got.length === 2);
      const kept = got.find((each) => each.id === 'kept');
      for (let n = 0; n < 6; n++) {
        kept?.extend();
        await h.pass(h.queue.extendEveryMs);
      }
      expect(got.filter((each) => each.id === 'left').length).toBeGreaterThanOrEqual(2);
      expect(got.filter((each) => each.id === 'kept')).toHaveLength(1);
      await kept?.ack();
    });

    it('given a delivery that could not be handled, when it is to be retried after a while, then it comes back then and not before', async () => {
      let [asked, at] = [0, 0];
      const got = await h.consume(['build'], h.queue, (delivery) => {
        if (delivery.deliveries > 1) { at = h.now(); void delivery.ack(); return; }
        asked = h.now();
        delivery.retry(400);
      });
      await h.queue.send(command('again'));
      await h.until(() => got.length === 2, 3000);
      expect(at - asked).toBeGreaterThanOrEqual(380);
      expect(at - asked).toBeLessThan(900);
    });

    it('given a worker without room, when a thousand commands wait, then it gets few of them, and all of them, in order, once it has room', async () => {
      let room = 1;
      for (let n = 0; n < 1_000; n++) await h.queue.send(command(`c-${n}`));
      const got = await h.consume(['build'], h.queue, (delivery) => { room--; void delivery.ack(); }, () => room > 0);
      await h.until(() => got.length > 0);
      await h.pass(300);
      // One request's worth was under way.
      expect(got.length).toBeLessThanOrEqual(300);
      room = Infinity;
      await h.until(() => got.length === 1_000, 5_000);
      expect(got.map((each) => each.id)).toEqual(Array.from({ length: 1_000 }, (_, n) => `c-${n}`));
      await h.empty();
    });

    it('given a worker that dies with deliveries in hand, when another is there, then it gets them within both time-outs, and what comes later', async () => {
      const doomed = await h.another();
      const lost = await h.consume(['build'], doomed, keep);
      await h.queue.send(command('held'));
      await h.until(() => lost.length === 1);
      const got = await h.consume(['build']);
      await h.crash(doomed);
      await h.queue.send(command('after'));
      await h.until(() => new Set(got.map((each) => each.id)).size === 2, 3500);
      expect(lost).toHaveLength(1);
      await h.empty();
    });

    it('given two live workers, when commands come, then each goes to one of them, and one actor\'s all go to the same', async () => {
      const other = await h.another();
      const mine = await h.consume(['build']);
      const theirs = await h.consume(['build'], other);
      for (let n = 0; n < 80; n++) await h.queue.send(command(`w-${n}`, { to: `build/b${n % 20}` }));
      await h.until(() => mine.length + theirs.length === 80);
      await h.pass(50);
      expect(mine.length + theirs.length).toBe(80);
      const actors = new Set(mine.map((each) => each.actorId));
      expect(theirs.filter((each) => actors.has(each.actorId))).toEqual([]);
    });

    it('given a worker that stops, when more comes, then the next worker gets it without waiting for a time-out', async () => {
      const first: Delivery[] = [];
      const consuming = await h.queue.consume(['build'], (delivery) => { first.push(delivery); void delivery.ack(); });
      await h.queue.send(command('before'));
      await h.until(() => first.length === 1);
      await h.pass(20);
      await consuming.stop();
      await consuming.stop();
      await h.queue.send(command('behind'));
      const second = await h.consume(['build'], await h.another());
      await h.until(() => second.length === 1, 700);
      expect(second[0]).toMatchObject({ id: 'behind', deliveries: 1 });
      expect(first).toHaveLength(1);
    });

    it('given a worker that stops amid a burst, when the next one starts, then nothing waits for a time-out and nothing comes to both', async () => {
      const first: Delivery[] = [];
      const consuming = await h.queue.consume(['build'], (delivery) => { first.push(delivery); void delivery.ack(); });
      const sent = Promise.all(Array.from({ length: 300 }, (_, n) => h.queue.send(command(`b-${n}`, { to: `build/b${n % 7}` }))));
      await h.until(() => first.length > 0);
      await consuming.stop();
      const before = first.length;
      const second = await h.consume(['build'], await h.another());
      await sent;
      await h.until(() => first.length + second.length >= 300, 900);
      expect(first).toHaveLength(before);
      expect(new Set([...first, ...second].map((each) => each.id)).size).toBe(300);
      expect(first.length + second.length).toBe(300);
    });

    it('given a worker that stops with a delivery in hand, when it settles it afterwards, then that counts', async () => {
      const got: Delivery[] = [];
      const consuming = await h.queue.consume(['build'], (delivery) => { got.push(delivery); });
      await h.queue.send(command('finished'));
      await h.queue.send(command('handed-back'));
      await h.until(() => got.length === 2);
      await consuming.stop();
      await got[0]?.ack();
      got[1]?.retry(0);
      const next = await h.consume(['build'], await h.another());
      await h.until(() => next.length === 1, 900);
      await h.pass(100);
      expect(next.map((each) => each.id)).toEqual(['handed-back']);
      await h.empty();
    });
  });
}
