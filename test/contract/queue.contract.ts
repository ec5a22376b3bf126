import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandQueue, Consuming, Delivery, OutgoingCommand, ScheduledCommand } from '../../src/runtime/ports/queue.ts';

/** One empty queue and its time, real or virtual. Acknowledgement wait and priority time-out are 1 s. */
export interface QueueHarness {
  readonly prefix: string;
  readonly queue: CommandQueue;
  /** A second worker's connection. */
  another(): Promise<CommandQueue>;
  /** The worker behind this connection dies. */
  crash(queue: CommandQueue): Promise<void>;
  /** What `nats pub` does. */
  publish(subject: string, body: string, headers?: Readonly<Record<string, string>>): Promise<void>;
  now(): number;
  until(done: () => boolean, limitMs?: number): Promise<void>;
  pass(ms: number): Promise<void>;
  /** Messages in the stream, schedules among them. */
  stored(): Promise<number>;
  /** Bodies that were answered on this subject. */
  answers(subject: string): Promise<() => readonly unknown[]>;
  readonly maxPayload: number;
  close(): Promise<void>;
}

export function queueContract(name: string, open: () => Promise<QueueHarness>): void {
  describe(`command queue: ${name}`, () => {
    let h: QueueHarness;
    let running: Consuming[];
    beforeEach(async () => { h = await open(); running = []; });
    afterEach(async () => {
      await Promise.all(running.map((each) => each.stop()));
      await h.close();
    });

    const consume = async (types: string[], queue = h.queue, each: (delivery: Delivery) => void = (delivery) => void delivery.ack()): Promise<Delivery[]> => {
      const got: Delivery[] = [];
      running.push(await queue.consume(types, (delivery) => { got.push(delivery); each(delivery); }));
      return got;
    };
    const keep = (): void => {};
    const command = (id: string, more: Partial<OutgoingCommand> = {}): OutgoingCommand => ({ to: 'build/b1', command: 'stop', body: {}, id, ...more });
    const timer = (id: string, name: string, due: number): ScheduledCommand => ({ to: 'build/b1', command: '_timer', body: { timer: name }, id, name, due });
    const text = (delivery: Delivery | undefined): string => new TextDecoder().decode(delivery?.body);
    const empty = async (): Promise<void> => {
      for (let tries = 0; (await h.stored()) > 0 && tries < 50; tries++) await h.pass(20);
      expect(await h.stored()).toBe(0);
    };

    it('given a command that was sent, when a worker consumes its type, then it comes as it was sent, and once acknowledged it is gone', async () => {
      await h.queue.send(command('c-1', { body: { a: 'ü' }, by: 'ann\r\nX: y', reply: 'answers.here', traceparent: '00-1-2-01' }));
      const got = await consume(['build']);
      await h.until(() => got.length === 1);
      expect(got[0]).toMatchObject({ type: 'build', actorId: 'b1', command: 'stop', id: 'c-1', deliveries: 1, subject: `${h.prefix}.cmd.build.b1.stop` });
      expect(got[0]?.headers).toMatchObject({ 'Nats-Msg-Id': 'c-1', 'Millrace-By': 'ann X: y', 'Millrace-Reply': 'answers.here', traceparent: '00-1-2-01' });
      expect(text(got[0])).toBe('{"a":"ü"}');
      await empty();
    });

    it('given an id that was sent before, when it is sent again, then it is delivered once', async () => {
      const got = await consume(['build']);
      await h.queue.send(command('same'));
      await h.until(() => got.length === 1);
      await h.queue.send(command('same'));
      await h.queue.send(command('other'));
      await h.until(() => got.length === 2);
      expect(got.map((each) => each.id)).toEqual(['same', 'other']);
    });

    it('given a command published without an id, when it is redelivered, then it has the same id and one more delivery', async () => {
      await h.publish(`${h.prefix}.cmd.build.b1.stop`, 'not json');
      const got = await consume(['build'], h.queue, (delivery) => { if (delivery.deliveries === 1) delivery.retry(0); else void delivery.ack(); });
      await h.until(() => got.length === 2);
      expect(got[0]?.id).toMatch(/^cmd-\d+$/);
      expect(got[1]?.id).toBe(got[0]?.id);
      expect(got.map((each) => each.deliveries)).toEqual([1, 2]);
      expect(text(got[1])).toBe('not json');
      await empty();
    });

    it('given many commands to a few actors, when they are consumed, then each actor gets its own in the order they were sent', async () => {
      const actors = ['build/a', 'build/b', 'order/a'] as const;
      for (let n = 0; n < 60; n++) await h.queue.send(command(`n-${n}`, { to: actors[n % 3] ?? 'build/a', body: { n } }));
      const got = await consume(['build', 'order']);
      await h.until(() => got.length === 60);
      for (const actor of actors) {
        const numbers = got.filter((each) => `${each.type}/${each.actorId}` === actor).map((each) => (JSON.parse(text(each)) as { n: number }).n);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect(numbers).toHaveLength(20);
      }
      await empty();
    });

    it('given a type no worker carries, when others are consumed, then it waits untouched for one that does', async () => {
      await h.queue.send(command('early', { to: 'order/o1' }));
      await h.queue.send(command('now'));
      const builds = await consume(['build']);
      await h.until(() => builds.length === 1);
      await h.pass(50);
      expect(builds.map((each) => each.id)).toEqual(['now']);
      const orders = await consume(['order']);
      await h.until(() => orders.length === 1);
      expect(orders[0]).toMatchObject({ id: 'early', deliveries: 1 });
    });

    it('given a subject with too few or too many parts, when it comes, then only the consumer of malformed ones gets it', async () => {
      const builds = await consume(['build']);
      const malformed: Delivery[] = [];
      running.push(await h.queue.consumeMalformed((delivery) => { malformed.push(delivery); void delivery.ack(); }));
      await h.publish(`${h.prefix}.cmd.build`, '{}');
      await h.publish(`${h.prefix}.cmd.build.b1.stop.now`, '{}');
      await h.publish(`${h.prefix}.cmd.build.b1.stop`, '{}');
      await h.until(() => malformed.length === 2 && builds.length === 1);
      expect(malformed.map((each) => each.subject)).toEqual([`${h.prefix}.cmd.build`, `${h.prefix}.cmd.build.b1.stop.now`]);
      expect(malformed[1]).toMatchObject({ type: 'build', actorId: 'b1', command: 'stop.now' });
      await empty();
    });

    it('given a scheduled command, when it is due and not before, then it comes under its own id and leaves nothing behind', async () => {
      const got = await consume(['build']);
      const due = h.now() + 600;
      await h.queue.schedule({ ...timer('t-1', 'wait', due), by: 'order/o1' });
      await h.until(() => got.length === 1, 3000);
      // A server rounds to its own clock; a few milliseconds early would be its business.
      expect(h.now()).toBeGreaterThanOrEqual(due - 5);
      expect(got[0]).toMatchObject({ type: 'build', actorId: 'b1', command: '_timer', id: 't-1', subject: `${h.prefix}.cmd.build.b1._timer` });
      expect(got[0]?.headers).toMatchObject({ 'Millrace-By': 'order/o1' });
      expect(text(got[0])).toBe('{"timer":"wait"}');
      await empty();
    });

    it('given a due moment that has passed, when it is scheduled, then it comes at once', async () => {
      const got = await consume(['build']);
      await h.queue.schedule(timer('late', 'wait', h.now() - 60_000));
      await h.until(() => got.length === 1, 1000);
      expect(got[0]?.id).toBe('late');
    });

    it('given a timer that is set again, even under the same id, when time passes, then only the second setting fires', async () => {
      const got = await consume(['build']);
      const start = h.now();
      await h.queue.schedule(timer('a', 'wait', start + 300));
      await h.queue.schedule(timer('a', 'wait', start + 900));
      await h.queue.schedule(timer('x', 'other', start + 60_000));
      await h.queue.schedule(timer('b', 'other', start + 300));
      await h.until(() => got.length === 2, 3000);
      expect(h.now()).toBeGreaterThanOrEqual(start + 895);
      await h.pass(300);
      expect(got.map((each) => each.id)).toEqual(['b', 'a']);
      await empty();
    });

    it('given a timer that is cancelled, when its moment comes, then nothing happens, and cancelling again is harmless', async () => {
      const got = await consume(['build']);
      await h.queue.schedule(timer('gone', 'wait', h.now() + 300));
      await h.queue.schedule(timer('kept', 'wait-longer', h.now() + 700));
      await h.queue.cancelSchedule('build/b1', 'wait');
      await h.queue.cancelSchedule('build/b1', 'wait');
      await h.queue.cancelSchedule('build/b1', 'never-set');
      expect(await h.stored()).toBe(1);
      await h.until(() => got.length === 1, 3000);
      expect(got.map((each) => each.id)).toEqual(['kept']);
      await empty();
    });

    it('given a delivery that is neither acknowledged nor extended, when the wait is over, then it comes back; an extended one does not', async () => {
      const got = await consume(['build', 'order'], h.queue, keep);
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
      let at = 0;
      const got = await consume(['build'], h.queue, (delivery) => {
        if (delivery.deliveries > 1) { at = h.now(); void delivery.ack(); } else delivery.retry(400);
      });
      await h.queue.send(command('again'));
      await h.until(() => got.length === 1);
      const first = h.now();
      await h.until(() => got.length === 2, 3000);
      expect(at - first).toBeGreaterThanOrEqual(380);
      expect(at - first).toBeLessThan(900);
    });

    it('given a worker that dies with deliveries in hand, when another is there, then it gets them within both time-outs, and what comes later', async () => {
      const doomed = await h.another();
      const lost = await consume(['build'], doomed, keep);
      await h.queue.send(command('held'));
      await h.until(() => lost.length === 1);
      const got = await consume(['build']);
      await h.crash(doomed);
      await h.queue.send(command('after'));
      await h.until(() => new Set(got.map((each) => each.id)).size === 2, 3500);
      expect(lost).toHaveLength(1);
      await empty();
    });

    it('given two live workers, when commands come, then each goes to one of them, and one actor\'s all go to the same', async () => {
      const other = await h.another();
      const mine = await consume(['build']);
      const theirs = await consume(['build'], other);
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
      const second = await consume(['build'], await h.another());
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
      const second = await consume(['build'], await h.another());
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
      const next = await consume(['build'], await h.another());
      await h.until(() => next.length === 1, 900);
      await h.pass(100);
      expect(next.map((each) => each.id)).toEqual(['handed-back']);
      await empty();
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
