import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetter, DeadLetters } from '../../src/runtime/ports/dead.ts';
import type { CommandQueue, Consuming, Delivery } from '../../src/runtime/ports/queue.ts';

/** Empty dead letters, and the queue a retry goes to. */
export interface DeadHarness {
  readonly prefix: string;
  readonly dead: DeadLetters;
  readonly queue: CommandQueue;
  until(done: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export function deadContract(name: string, open: () => Promise<DeadHarness>): void {
  describe(`dead letters: ${name}`, () => {
    let h: DeadHarness;
    let running: Consuming[];
    beforeEach(async () => { h = await open(); running = []; });
    afterEach(async () => {
      await Promise.all(running.map((each) => each.stop()));
      await h.close();
    });
    const letter = (id: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
      id, type: 'build', actorId: 'b1', subject: `${h.prefix}.cmd.build.b1.stop`, commandId: `cmd ${id}`,
      code: 'bad_json', reason: 'the body is not JSON: ü', deliveries: 1, at: Date.UTC(2026, 4, 5, 6, 7, 8, 9),
      headers: { 'Nats-Msg-Id': `cmd ${id}`, 'Millrace-By': 'ann' }, body: Uint8Array.of(0, 255, 10, 13, 123), ...more,
    });
    const plain = (found: DeadLetter | undefined): unknown => (found === undefined ? undefined : { ...found, body: [...found.body] });

    it('given a command nobody could handle, when it is put, then it is kept as it came, with the reason', async () => {
      const put = letter('d-1', { hint: 'send JSON', deliveries: 4 });
      await h.dead.put(put);
      expect(plain(await h.dead.get('d-1'))).toEqual(plain(put));
      expect((await h.dead.list()).map(plain)).toEqual([plain(put)]);
    });

    it('given a letter that was put before, when its message comes again and is put again, then there is one', async () => {
      await h.dead.put(letter('d-1'));
      await h.dead.put(letter('d-1', { deliveries: 2, at: Date.UTC(2026, 5, 5) }));
      await h.dead.put(letter('d-2'));
      expect((await h.dead.list()).map((each) => [each.id, each.deliveries])).toEqual([['d-1', 1], ['d-2', 1]]);
    });

    it('given a malformed subject and a reason of many lines, when it is put, then it is kept all the same', async () => {
      const subject = `${h.prefix}.cmd.wh@t.ever.is.this`;
      await h.dead.put(letter('odd', { subject, type: 'wh@t', actorId: 'ever', reason: 'one\r\ntwo' }));
      await h.dead.put(letter('short', { subject: `${h.prefix}.cmd.build`, type: 'build', actorId: '' }));
      expect(await h.dead.get('odd')).toMatchObject({ subject, type: 'wh@t', actorId: 'ever', reason: 'one two' });
      expect(await h.dead.get('short')).toMatchObject({ type: 'build', actorId: '' });
    });

    it('given a letter, when it is retried, then the same bytes come to the same subject under a fresh id, and the letter is gone', async () => {
      await h.dead.put(letter('d-1', { headers: { 'Nats-Msg-Id': 'old', 'Millrace-By': 'ann', 'Nats-Schedule-Next': 'purge', 'Millrace-Command-Id': 'old' } }));
      await h.dead.put(letter('d-2'));
      const got: Delivery[] = [];
      running.push(await h.queue.consume(['build'], (delivery) => { got.push(delivery); void delivery.ack(); }));
      await h.dead.retry('d-1');
      await h.until(() => got.length === 1);
      expect(got[0]).toMatchObject({ type: 'build', actorId: 'b1', command: 'stop', deliveries: 1 });
      expect(got[0]?.id).toMatch(/^retry-[0-9a-f]{32}$/);
      expect([...got[0]?.body ?? []]).toEqual([0, 255, 10, 13, 123]);
      expect(got[0]?.headers).toMatchObject({ 'Millrace-By': 'ann' });
      expect(got[0]?.headers).not.toHaveProperty('Nats-Schedule-Next');
      expect((await h.dead.list()).map((each) => each.id)).toEqual(['d-2']);
    });

    it('given a letter, when it is dropped, then it is gone and nothing is sent', async () => {
      const got: Delivery[] = [];
      running.push(await h.queue.consume(['build'], (delivery) => { got.push(delivery); void delivery.ack(); }));
      await h.dead.put(letter('d-1'));
      await h.dead.drop('d-1');
      expect(await h.dead.list()).toEqual([]);
      expect(await h.dead.get('d-1')).toBeUndefined();
      await h.queue.send({ to: 'build/b2', command: 'go', body: {}, id: 'marker' });
      await h.until(() => got.length > 0);
      expect(got.map((each) => each.id)).toEqual(['marker']);
    });

    it('given an id that is no letter, when it is retried or dropped, then that is a terminal error', async () => {
      const refusal = { code: 'unknown_dead_letter', retryable: false };
      await expect(h.dead.retry('nothing')).rejects.toMatchObject(refusal);
      await expect(h.dead.drop('nothing')).rejects.toMatchObject(refusal);
    });
  });
}
