import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { command, queueCase, textOf, timer, type QueueCase, type QueueHarness } from '../support/queue.ts';

export function queueContract(name: string, open: () => Promise<QueueHarness>): void {
  describe(`command queue: ${name}`, () => {
    let h: QueueCase;
    beforeEach(async () => { h = queueCase(await open()); });
    afterEach(() => h.end());

    it('given a command that was sent, when a worker consumes its type, then it comes as it was sent, and once acknowledged it is gone', async () => {
      await h.queue.send(command('c-1', { body: { a: 'ü' }, by: 'ann\r\nX: y', reply: 'answers.here', traceparent: '00-1-2-01' }));
      const got = await h.consume(['build']);
      await h.until(() => got.length === 1);
      expect(got[0]).toMatchObject({ type: 'build', actorId: 'b1', command: 'stop', id: 'c-1', deliveries: 1, subject: `${h.prefix}.cmd.build.b1.stop` });
      expect(got[0]?.headers).toMatchObject({ 'Nats-Msg-Id': 'c-1', 'Millrace-By': 'ann X: y', 'Millrace-Reply': 'answers.here', traceparent: '00-1-2-01' });
      expect(textOf(got[0])).toBe('{"a":"ü"}');
      await h.empty();
    });

    it('given an id that was sent before, when it is sent again, then it is delivered once', async () => {
      const got = await h.consume(['build']);
      await h.queue.send(command('same'));
      await h.until(() => got.length === 1);
      await h.queue.send(command('same'));
      await h.queue.send(command('other'));
      await h.until(() => got.length === 2);
      expect(got.map((each) => each.id)).toEqual(['same', 'other']);
    });

    it('given a delivery in hand, when its message is looked for, then it is there until somebody acknowledges it', async () => {
      const got = await h.consume(['build'], h.queue, () => undefined);
      await h.queue.send(command('kept'));
      await h.until(() => got.length === 1);
      expect(await got[0]?.isGone()).toBe(false);
      await got[0]?.ack();
      expect(await got[0]?.isGone()).toBe(true);
    });

    it('given a command published without an id, when it is redelivered, then it has the same id and one more delivery', async () => {
      await h.publish(`${h.prefix}.cmd.build.b1.stop`, 'not json');
      const got = await h.consume(['build'], h.queue, (delivery) => { if (delivery.deliveries === 1) delivery.retry(0); else void delivery.ack(); });
      await h.until(() => got.length === 2);
      expect(got[0]?.id).toMatch(/^cmd-\d+$/);
      expect(got[1]?.id).toBe(got[0]?.id);
      expect(got.map((each) => each.deliveries)).toEqual([1, 2]);
      expect(textOf(got[1])).toBe('not json');
      await h.empty();
    });

    it('given many commands to a few actors, when they are consumed, then each actor gets its own in the order they were sent', async () => {
      const actors = ['build/a', 'build/b', 'order/a'] as const;
      for (let n = 0; n < 60; n++) await h.queue.send(command(`n-${n}`, { to: actors[n % 3] ?? 'build/a', body: { n } }));
      const got = await h.consume(['build', 'order']);
      await h.until(() => got.length === 60);
      for (const actor of actors) {
        const numbers = got.filter((each) => `${each.type}/${each.actorId}` === actor).map((each) => (JSON.parse(textOf(each)) as { n: number }).n);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect(numbers).toHaveLength(20);
      }
      await h.empty();
    });

    it('given many commands sent in the same moment, one of them sent before and one too large, when they are stored, then each is there once, each actor\'s in order, and only the large one is refused', async () => {
      await h.queue.send(command('n-30', { to: 'build/a0', body: { n: 30 } }));
      const all = Array.from({ length: 60 }, (_, n) => h.queue.send(command(`n-${n}`, { to: `build/a${n % 10}`, body: { n }, command: n % 20 < 10 ? 'stop' : 'start' })));
      const large = h.queue.send(command('large', { body: { big: 'x'.repeat(h.maxPayload) } }));
      const due = h.queue.schedule(timer('t-1', 'wait', h.now() + 60_000));
      await expect(large).rejects.toMatchObject({ code: 'payload_too_large' });
      await Promise.all([...all, due]);
      expect(await h.stored()).toBe(61);
      const got = await h.consume(['build']);
      await h.until(() => got.length === 60);
      for (let actor = 0; actor < 10; actor++) {
        const numbers = got.filter((each) => each.actorId === `a${actor}`).map((each) => Number(each.id.slice(2)));
        expect(numbers).toEqual(actor === 0 ? [30, 0, 10, 20, 40, 50] : [actor, actor + 10, actor + 20, actor + 30, actor + 40, actor + 50]);
      }
    });

    it('given an id that cannot stand in a header, when it is sent under it, then it is refused and nothing is stored', async () => {
      await expect(h.queue.send(command('a\r\nNats-Rollup: all'))).rejects.toMatchObject({ code: 'bad_command_id', retryable: false });
      await expect(h.queue.schedule(timer(' ', 'wait', h.now() + 60_000))).rejects.toMatchObject({ code: 'bad_command_id', retryable: false });
      expect(await h.stored()).toBe(0);
    });

    it('A7.14: given a type no worker carries, when others are consumed, then it waits untouched for one that does', async () => {
      await h.queue.send(command('early', { to: 'order/o1' }));
      await h.queue.send(command('now'));
      const builds = await h.consume(['build']);
      await h.until(() => builds.length === 1);
      await h.pass(50);
      expect(builds.map((each) => each.id)).toEqual(['now']);
      const orders = await h.consume(['order']);
      await h.until(() => orders.length === 1);
      expect(orders[0]).toMatchObject({ id: 'early', deliveries: 1 });
    });

    it('given a subject with too few or too many parts, when it comes, then only the consumer of malformed ones gets it', async () => {
      const builds = await h.consume(['build']);
      const malformed = await h.consumeMalformed();
      await h.publish(`${h.prefix}.cmd.build`, '{}');
      await h.publish(`${h.prefix}.cmd.build.b1.stop.now`, '{}');
      await h.publish(`${h.prefix}.cmd.build.b1.stop`, '{}');
      await h.until(() => malformed.length === 2 && builds.length === 1);
      expect(malformed.map((each) => each.subject)).toEqual([`${h.prefix}.cmd.build`, `${h.prefix}.cmd.build.b1.stop.now`]);
      expect(malformed[1]).toMatchObject({ type: 'build', actorId: 'b1', command: 'stop.now' });
      await h.empty();
    });

    it('given a name that is not one subject token, when it is sent to, then it is refused and nothing is stored', async () => {
      const due = h.now() + 60_000;
      await expect(h.queue.send(command('x', { to: 'build/b.1' }))).rejects.toMatchObject({ code: 'bad_actor_name', retryable: false });
      await expect(h.queue.send(command('x', { command: 'stop now' }))).rejects.toMatchObject({ code: 'bad_command_name', retryable: false });
      await expect(h.queue.schedule(timer('x', '*', due))).rejects.toMatchObject({ code: 'bad_timer_name', retryable: false });
      await h.queue.schedule(timer('kept', 'wait', due));
      await expect(h.queue.cancelSchedule('build/b1', '>')).rejects.toMatchObject({ code: 'bad_timer_name', retryable: false });
      expect(await h.stored()).toBe(1);
    });

    it('given a body larger than the broker takes, when it is sent or scheduled, then it is refused with the figures and nothing is stored', async () => {
      const body = { big: 'x'.repeat(h.maxPayload) };
      const refusal = { code: 'payload_too_large', retryable: false, message: expect.stringContaining(String(h.maxPayload)) as string };
      await expect(h.queue.send(command('big', { body }))).rejects.toMatchObject(refusal);
      await expect(h.queue.schedule({ ...timer('big', 'wait', h.now() + 5000), body })).rejects.toMatchObject(refusal);
      expect(await h.stored()).toBe(0);
    });

    it('given someone who waits for a verdict, when it is answered, then it arrives; an answer to nobody is harmless', async () => {
      const answers = await h.answers('verdicts.one');
      h.queue.reply('nobody.listens', { accepted: false });
      h.queue.reply('verdicts.one', { accepted: true, seq: 3 });
      await h.until(() => answers().length === 1);
      expect(answers()).toEqual([{ accepted: true, seq: 3 }]);
    });
  });
}
