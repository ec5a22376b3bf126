import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActorName, LogRecord } from '../../src/kernel/record.ts';
import type { EventLog } from '../../src/runtime/ports/log.ts';
import { collect, grow, makeRecord } from '../support/records.ts';

type Closable = EventLog & { close(): Promise<void> };

/** What every event log does. `make` gives a log on the same store each time it is called. */
export function logContract(name: string, make: () => Promise<Closable>): void {
  describe(`event log: ${name}`, () => {
    let log: Closable;
    let other: Closable;
    let actors = 0;
    const actor = (): ActorName => `order/o${++actors}`;

    beforeAll(async () => {
      log = await make();
      other = await make();
    });
    afterAll(async () => {
      await log?.close();
      await other?.close();
    });

    it('given an actor nobody appended to, when it is read, then it is empty and its position is 0', async () => {
      expect(await log.read(actor())).toEqual({ records: [], position: 0 });
    });

    it('given appends one after the other, when the actor is read, then they come in order with the last position', async () => {
      const one = actor();
      const position = await grow(log, one, 5);
      const read = await log.read(one);
      expect(read.records).toEqual([1, 2, 3, 4, 5].map((seq) => makeRecord(one, seq)));
      expect(read.position).toBe(position);
    });

    it('given a writer that is behind, when it appends, then it hears a conflict and nothing is stored', async () => {
      const one = actor();
      const first = await log.append(makeRecord(one, 1), 0);
      await log.append(makeRecord(one, 2), first);
      await expect(log.append(makeRecord(one, 2, { stale: true }), first)).rejects.toMatchObject({ code: 'append_conflict', retryable: true });
      await expect(log.append(makeRecord(one, 1, { stale: true }), 0)).rejects.toMatchObject({ code: 'append_conflict' });
      expect((await log.read(one)).records).toEqual([makeRecord(one, 1), makeRecord(one, 2)]);
    });

    it('given two writers on the same actors, when both append after the same position, then exactly one wins each time', async () => {
      const contested = Array.from({ length: 20 }, actor);
      const tries = contested.flatMap((one) => [log, other].map((writer, who) => writer.append(makeRecord(one, 1, { who }), 0).then(() => who, () => 'lost')));
      const answers = await Promise.all(tries);
      for (const [index, one] of contested.entries()) {
        const winners = answers.slice(index * 2, index * 2 + 2).filter((answer) => answer !== 'lost');
        expect(winners).toHaveLength(1);
        expect((await log.read(one)).records).toEqual([makeRecord(one, 1, { who: winners[0] ?? '' })]);
      }
    });

    it('given the same record appended twice at once, when both are answered, then it is stored once', async () => {
      const one = actor();
      const answers = await Promise.allSettled([log.append(makeRecord(one, 1), 0), log.append(makeRecord(one, 1), 0)]);
      expect(answers.map((answer) => answer.status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect((await log.read(one)).records).toHaveLength(1);
    });

    it('given many actors ready in the same moment, one of them stale, when they append, then only the stale one is refused', async () => {
      const stale = actor();
      await grow(log, stale, 2);
      const many = Array.from({ length: 300 }, actor);
      const answers = await Promise.allSettled([...many.slice(0, 150), stale, ...many.slice(150)].map((one) => log.append(makeRecord(one, 1), 0)));
      expect(answers.filter((answer) => answer.status === 'rejected')).toHaveLength(1);
      expect(answers[150]).toMatchObject({ status: 'rejected', reason: { code: 'append_conflict' } });
      for (const one of many) expect((await log.read(one)).records).toEqual([makeRecord(one, 1)]);
    });

    it('given the positions of a group of appends, when each actor goes on from its own, then none conflicts', async () => {
      const many = Array.from({ length: 100 }, actor);
      const first = await Promise.all(many.map((one) => log.append(makeRecord(one, 1), 0)));
      expect(new Set(first).size).toBe(100);
      const second = await Promise.all(many.map((one, index) => log.append(makeRecord(one, 2), first[index] ?? -1)));
      for (const [index, one] of many.entries()) expect((await log.read(one)).position).toBe(second[index]);
    });

    it('given a log of many pages, when it is read by another reader at once, then every append is there', async () => {
      const one = actor();
      const position = await grow(log, one, 600);
      const read = await other.read(one);
      expect(read.records.map((record) => record.seq)).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
      expect(read.position).toBe(position);
    });

    it('given a log of 5, when its tail is read, then only the tail comes, with the position of the whole', async () => {
      const one = actor();
      const position = await grow(log, one, 5);
      for (const [from, seqs] of [[1, [1, 2, 3, 4, 5]], [3, [3, 4, 5]], [5, [5]], [6, []], [99, []]] as const) {
        const read = await log.read(one, from);
        expect(read.records.map((record) => record.seq)).toEqual(seqs);
        expect(read.position).toBe(position);
      }
    });

    it('given a position near the tail, when it is read from there, then the tail is whole; a position past the end leaves at least the last record', async () => {
      const [one, other] = [actor(), actor()];
      const positions: number[] = [];
      for (let seq = 1; seq <= 5; seq++) {
        positions.push(await log.append(makeRecord(one, seq), positions.at(-1) ?? 0));
        await log.append(makeRecord(other, seq), seq === 1 ? 0 : (await log.read(other)).position);
      }
      for (const near of positions.slice(0, 3)) {
        expect((await log.read(one, 3, near)).records.map((record) => record.seq)).toEqual([3, 4, 5]);
      }
      const beyond = await log.read(one, 3, 1_000_000);
      expect([beyond.records.at(-1)?.seq, beyond.position]).toEqual([5, positions.at(-1)]);
    });

    it('given odd, large and unicode data, when it is read back, then nothing of it is changed', async () => {
      const one = actor();
      const data = { empty: '', nul: '\u0000', half: '\ud800', text: 'жёлудь 🌰 \r\n "\\"', deep: { a: [null, true, -0.5, 1e21, { '': [] }] }, big: 'x'.repeat(400_000) };
      const odd = makeRecord(one, 1, data, {
        by: 'Zoë <zoë@example.org>\r\nMillrace-Seq: 9 100%', cause: '7:0', type: 'activity.completed',
        machine: { name: 'a@b', version: '1#2', hash: 'c' }, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
      await log.append(odd, 0);
      expect((await log.read(one)).records).toEqual([odd]);
    });

    it('given who asked is the empty string or half a character, when it is read back, then it is just that', async () => {
      const one = actor();
      const first = await log.append(makeRecord(one, 1, {}, { by: '' }), 0);
      await log.append(makeRecord(one, 2, {}, { by: ' \udc00%u12 ' }), first);
      expect((await log.read(one)).records.map((record) => record.by)).toEqual(['', ' \udc00%u12 ']);
    });

    it('given chains, when they are read back, by actor and by all, then each is what was appended', async () => {
      const one = actor();
      await grow(log, one, 3);
      const chains = [1, 2, 3].map((seq) => makeRecord(one, seq).chain);
      expect((await log.read(one)).records.map((record) => record.chain)).toEqual(chains);
      expect((await collect(log.readAll())).filter((record) => record.actor === one).map((record) => record.chain)).toEqual(chains);
    });

    it('given a record over the payload limit, when it is appended, then the size, the limit and the way out are named', async () => {
      const one = actor();
      const failed = log.append(makeRecord(one, 1, { big: 'x'.repeat(1024 * 1024) }), 0);
      await expect(failed).rejects.toMatchObject({ code: 'payload_too_large', retryable: false });
      await expect(failed).rejects.toThrow(/takes 1048\d{3} bytes.*at most 1048576/);
      await expect(failed).rejects.toMatchObject({ hint: expect.stringContaining('object store') as string });
      expect(await log.read(one)).toEqual({ records: [], position: 0 });
      await grow(log, actor(), 1);
    });

    it('given records that are just within the limit, when they are appended with others, then all are stored', async () => {
      const many = Array.from({ length: 12 }, actor);
      await Promise.all(many.map((one, index) => log.append(makeRecord(one, 1, { big: 'x'.repeat(index % 3 === 0 ? 1_047_900 : 400_000) }), 0)));
      for (const one of many) expect((await log.read(one)).records).toHaveLength(1);
    });

    it.each(['order/a.b', 'order/*', 'order/>', 'order', 'order/a b', 'a/b/c', 'order/'] as ActorName[])(
      'given the name %s, when it is appended to, read or followed, then it is refused', async (bad) => {
        await expect(log.append(makeRecord(bad, 1), 0)).rejects.toMatchObject({ code: 'bad_actor' });
        await expect(log.read(bad)).rejects.toMatchObject({ code: 'bad_actor' });
        expect(() => log.readAll({ actor: bad })).toThrow(/not the name of an actor/);
        expect(() => log.follow({ actor: bad, signal: new AbortController().signal })).toThrow(/not the name of an actor/);
      });

    it('given records of many actors, when all is read, then everything up to the call is there, each actor in order', async () => {
      const many = Array.from({ length: 30 }, actor);
      await Promise.all(many.map((one) => grow(log, one, 30)));
      const reading = log.readAll();
      const all = await collect(reading);
      for (const one of many) expect(all.filter((record) => record.actor === one).map((record) => record.seq)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    });

    it('given two actors whose records came in turn, when one of them is read to the end, then that is all of it and nothing of the other; of one without records it is nothing', async () => {
      const [one, other] = [actor(), actor()];
      let [mine, its] = [0, 0];
      for (let seq = 1; seq <= 3; seq++) {
        mine = await log.append(makeRecord(one, seq), mine);
        its = await log.append(makeRecord(other, seq), its);
      }
      expect((await collect(log.readAll({ actor: one }))).map((record) => [record.actor, record.seq])).toEqual([[one, 1], [one, 2], [one, 3]]);
      expect(await collect(log.readAll({ actor: actor() }))).toEqual([]);
    });

    it('given a reader of all that stops early, when all is read again, then it is complete', async () => {
      await grow(log, actor(), 3);
      for await (const record of log.readAll()) { expect(record.seq).toBe(1); break; }
      expect((await collect(log.readAll())).length).toBeGreaterThan(2);
    });

    it('given a follower from the start, when more is appended, then it gets the old and the new of its actor, and ends on abort', async () => {
      const one = actor();
      const position = await grow(log, one, 2);
      const control = new AbortController();
      const seen: LogRecord[] = [];
      for await (const record of log.follow({ actor: one, fromStart: true, signal: control.signal })) {
        seen.push(record);
        if (seen.length === 2) {
          await grow(other, actor(), 1);
          await other.append(makeRecord(one, 3), position);
        }
        if (seen.length === 3) control.abort();
      }
      expect(seen).toEqual([1, 2, 3].map((seq) => makeRecord(one, seq)));
    });

    it('given a follower of all from now, when it is told to end while nothing comes, then it ends', async () => {
      const before = actor();
      await grow(log, before, 1);
      const control = new AbortController();
      const after = actor();
      const seen: LogRecord[] = [];
      const following = (async () => {
        for await (const record of log.follow({ signal: control.signal })) {
          seen.push(record);
          if (record.seq === 3) setImmediate(() => { control.abort(); });
        }
      })();
      await log.read(before);
      await grow(other, after, 3);
      // The follower may have begun after the first of them.
      while (seen.length === 0) await grow(other, actor(), 3);
      await following;
      expect(seen.map((record) => record.actor)).not.toContain(before);
      // One more may have come before the follower heard that it is to end.
      expect(seen.some(({ seq }) => seq === 3)).toBe(true);
    });
  });
}
