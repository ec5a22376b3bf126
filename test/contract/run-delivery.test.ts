import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { headers } from '@nats-io/transport-node';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import { givenUpLetters } from '../../src/adapters/nats/given-up.ts';
import { RetryableError } from '../../src/kernel/errors.ts';
import type { LogRecord } from '../../src/kernel/record.ts';
import type { GivenUpRun } from '../../src/machines/run/ports.ts';
import { eventually } from '../support/broker.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { runsOn, type Runs } from '../support/run-delivery.ts';
import type { Plan } from '../unit/run/support/backend.ts';

let nats: TestNats;
let runs: Runs;
const open = async (plan: Plan = {}): Promise<Runs> => (runs = await runsOn(nats, plan));
beforeAll(async () => { nats = await startNats(); });
afterEach(async () => { await runs.close(); });
afterAll(async () => { await nats.stop(); });

const untilDone = { status: ({ ranMs }: { readonly ranMs: number }) => (ranMs > 1500 ? 'succeeded' : 'running') } as const;
const fast = { poll: { acceptedMs: 100, runningMs: 100 } };
const causes = (records: readonly LogRecord[], type: string): readonly string[] => records.filter((record) => record.type === type).map(({ cause }) => cause);
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

describe('delivery to a run', () => {
  it('A7.13 given one run and two signals back to back, within the server\'s memory of ids and outside of it, when they come, then both are taken, each once, and a repeated one is told so', async () => {
    // "Two causes" are two command ids; a publish that the server swallowed says so in its acknowledgement.
    const { broker, host, trigger, ask, records } = await open();
    await broker.jsm.streams.update(broker.names.streams.commands, { duplicate_window: 200 * 1e6 });
    await host();
    await trigger('run/r1');
    const queue = natsQueue(broker);
    const signal = (id: string): Promise<void> => queue.send({ to: 'run/r1', command: 'signal', body: {}, id });
    await Promise.all([signal('first'), signal('second')]);
    const again = headers();
    again.set('Nats-Msg-Id', 'second');
    expect(await broker.js.publish(broker.names.command('run/r1', 'signal'), '{}', { headers: again })).toMatchObject({ duplicate: true });
    await eventually(async () => causes(await records('run/r1'), 'signal').length === 2);
    await pause(400);
    await Promise.all([signal('first'), signal('third')]);
    const firstSeq = (await records('run/r1')).find(({ cause }) => cause === 'first')?.seq;
    expect(await ask('run/r1', 'signal', {}, { id: 'first' })).toEqual({ accepted: true, seq: firstSeq });
    await eventually(async () => causes(await records('run/r1'), 'signal').length === 3);
    expect([...causes(await records('run/r1'), 'signal')].toSorted()).toEqual(['first', 'second', 'third']);
  });

  it('A7.14 given a status call that takes twice the acknowledgement wait, and a signal that waits in memory as long, when both are done, then nothing came twice', async () => {
    const { host, trigger, ask, backend, records, redelivered, ended } = await open({ statusTakesMs: 2000, status: ({ call }) => (call > 1 ? 'succeeded' : 'running') });
    let release = (): void => {};
    const held = new Promise<void>((resolve) => { release = resolve; });
    // The signal's own record is held back, and the second signal waits behind it in the mailbox.
    await host((parts) => ({ log: { ...parts.log, append: async (record, after) => {
      if (record.type === 'signal' && record.cause === 'one') await held;
      return parts.log.append(record, after);
    } } }));
    await trigger('run/r1', fast);
    await eventually(() => backend.count('status') === 1);
    const answers = [ask('run/r1', 'signal', {}, { id: 'one' }), ask('run/r1', 'signal', {}, { id: 'two' })];
    await pause(1700);
    expect(await redelivered()).toBe(0);
    release();
    expect(await Promise.all(answers)).toMatchObject([{ accepted: true }, { accepted: true }]);
    // The mailbox is empty now: what is held is what brings the run back.
    await eventually(() => backend.count('status') === 2);
    await pause(1700);
    expect(await redelivered()).toBe(0);
    expect(await ended('run/r1')).toMatchObject({ status: 'succeeded' });
    expect([backend.count('status'), causes(await records('run/r1'), 'signal'), await redelivered()]).toEqual([2, ['one', 'two'], 0]);
  }, 20_000);

  it('A7.14 given a worker that lost its delivery and does not know, when another one goes on, then what the first one still says changes nothing', async () => {
    const { host, trigger, backend, records, ended, dead } = await open({ statusTakesMs: 2500, status: ({ call }) => (call > 1 ? 'succeeded' : 'running') });
    let zombieAppends = 0;
    let isZombie = false;
    const zombie = await host((parts) => ({
      log: { ...parts.log, append: (record, after) => {
        if (isZombie) zombieAppends++;
        return parts.log.append(record, after);
      } },
      queue: { ...parts.queue, consume: async (types, onDelivery, ...more) => {
        const consuming = await parts.queue.consume(types, (delivery) => { onDelivery({ ...delivery, extend: () => { if (!isZombie) delivery.extend(); } }); }, ...more);
        return consuming;
      } },
    }));
    await trigger('run/r1', { poll: { acceptedMs: 100, runningMs: 100, watchMs: 0 } });
    await eventually(() => backend.count('status') === 1);
    isZombie = true;
    await host();
    // It pulls no more, so its partition moves; what it has in hand it goes on with.
    const stopping = zombie.stop({ graceMs: 8000 });
    expect(await ended('run/r1', 20_000)).toMatchObject({ status: 'succeeded' });
    await stopping;
    const all = await records('run/r1');
    expect(new Set(all.map(({ cause }) => cause)).size).toBe(all.length);
    expect([all.filter(({ type }) => type === 'actor.created').length, backend.builds.size, (await dead.list()).length]).toEqual([1, 1, 0]);
    expect(zombieAppends).toBeGreaterThan(0);
  }, 30_000);

  it('A7.15 given a thousand signals behind a run whose runner is away, when they come, then all are taken, in order; behind one whose record is held none is, and other runs go on', async () => {
    // A "failing head" is a run in back-off; a "held head" is one whose last record is not stored yet.
    const { host, broker, trigger, ask, records } = await open({ status: ({ key }) => { if (key === 'run/failing') throw new RetryableError('http_502', 'bad gateway'); return 'running'; } });
    let release = (): void => {};
    const held = new Promise<void>((resolve) => { release = resolve; });
    await host((parts) => ({ log: { ...parts.log, append: async (record, after) => {
      if (record.actor === 'run/held' && record.cause === 'head') await held;
      return parts.log.append(record, after);
    } } }));
    for (const actor of ['run/failing', 'run/held', 'run/other'] as const) await trigger(actor, fast);
    const queue = natsQueue(broker);
    const ids = Array.from({ length: 1000 }, (_, n) => `s${n}`);
    for (let from = 0; from < ids.length; from += 50) {
      // One after the other on one connection: the order in which they are stored.
      await Promise.all(ids.slice(from, from + 50).map((id) => queue.send({ to: 'run/failing', command: 'signal', body: {}, id })));
    }
    // Told by the last one's verdict: commands of one run are taken in order.
    expect(await ask('run/failing', 'signal', {}, { timeoutMs: 60_000 })).toMatchObject({ accepted: true });
    expect(causes(await records('run/failing'), 'signal').slice(0, 1000)).toEqual(ids);

    await queue.send({ to: 'run/held', command: 'signal', body: {}, id: 'head' });
    const behind = ids.slice(0, 200).map((id) => `held-${id}`);
    await Promise.all(behind.map((id) => queue.send({ to: 'run/held', command: 'signal', body: {}, id })));
    expect(await ask('run/other', 'signal')).toMatchObject({ accepted: true });
    expect(causes(await records('run/held'), 'signal')).toEqual([]);
    release();
    expect(await ask('run/held', 'signal', {}, { timeoutMs: 60_000, id: 'last' })).toMatchObject({ accepted: true });
    expect(causes(await records('run/held'), 'signal')).toEqual(['head', ...behind, 'last']);
  }, 150_000);

  it('A7.16 given a trigger nobody can read, when its worker dies between its dead letter and its acknowledgement, then there is one letter, and nothing is lost or left', async () => {
    const { host, broker, dead, stored, trigger, ended } = await open(untilDone);
    const deaths: string[] = [];
    const first = await host((parts) => ({ dead: { ...parts.dead, put: async (letter) => {
      await parts.dead.put(letter);
      deaths.push(letter.id);
      first.abandon();
      await new Promise(() => {});
    } } }));
    await broker.js.publish(broker.names.command('run/r1', 'trigger'), '{ this is no JSON');
    await eventually(() => deaths.length === 1);
    await host();
    await eventually(async () => (await stored()) === 0, 15_000);
    expect(await dead.list()).toMatchObject([{ code: 'bad_json', actorId: 'r1' }]);
    expect((await broker.jsm.streams.info(broker.names.streams.dead)).state.messages).toBe(1);
    // And the run can be triggered as it should be.
    expect(await trigger('run/r1', fast)).toMatchObject({ accepted: true });
    expect(await ended('run/r1')).toMatchObject({ status: 'succeeded' });
  }, 30_000);

  it('A7.16 given a build that is given up, when its letter is written twice, outside the server\'s memory of ids as well, then there is one', async () => {
    const { broker, dead } = await open();
    await broker.jsm.streams.update(broker.names.streams.dead, { duplicate_window: 200 * 1e6 });
    const giveUp = givenUpLetters(dead, broker.names);
    const given: GivenUpRun = { actor: 'run/r1', buildId: 'b1', request: { runner: 'fake', base: [], head: [], metadata: {} }, code: 'runner_unreachable', reason: 'away', at: 1 };
    await giveUp(given);
    await pause(400);
    await giveUp({ ...given, at: 2 });
    expect((await broker.jsm.streams.info(broker.names.streams.dead)).state.messages).toBe(1);
    expect(await dead.list()).toMatchObject([{ id: 'run/r1/gave-up', type: 'run', actorId: 'r1', code: 'runner_unreachable', reason: 'away (build b1)', at: 1 }]);
  });
});
