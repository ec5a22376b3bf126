import { errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBroker, type Broker } from '../../../src/adapters/nats/broker.ts';
import { natsLog, type NatsLog } from '../../../src/adapters/nats/log/log.ts';
import { ensureStreams } from '../../../src/adapters/nats/setup.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { startNats, type TestNats } from '../../support/nats.ts';
import { collect, grow, makeRecord } from '../../support/records.ts';

/** Gives the answer that is told; without one the time runs out. */
type Lie = (send: () => Promise<Msg>) => Promise<Msg | undefined>;

const loseAck: Lie = async (send) => { await send(); return undefined; };
const losePublish: Lie = () => Promise.resolve(undefined);
const nobody: Lie = () => Promise.reject(new errors.NoRespondersError('x'));

let nats: TestNats;
let broker: Broker;
let log: NatsLog;
let actors = 0;
const actor = (): ActorName => `order/o${++actors}`;

/** A log over a connection that lies about its first appends, one lie after the other. */
function lying(...lies: Lie[]): NatsLog {
  const nc = new Proxy(broker.nc, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key !== 'publish') return value.bind(target) as unknown;
      const publish: NatsConnection['publish'] = (subject, payload, options) => {
        const { reply, headers } = options ?? {};
        const lie = reply === undefined ? undefined : lies.shift();
        if (lie === undefined || reply === undefined) return target.publish(subject, payload, options);
        const send = (): Promise<Msg> => target.request(subject, payload, { timeout: 5_000, ...(headers === undefined ? {} : { headers }) });
        lie(send).then(
          (answer) => { if (answer !== undefined) target.publish(reply, answer.data); },
          () => { target.publish('nobody.is.here', '', { reply }); },
        );
      };
      return publish;
    },
  });
  return natsLog({ ...broker, nc }, { patienceMs: 1500, timeoutMs: 100 });
}

beforeAll(async () => {
  nats = await startNats();
  broker = await openBroker({ servers: nats.url, storage: 'memory' });
  await ensureStreams(broker);
  log = natsLog(broker);
});
afterAll(async () => {
  await log?.close();
  await broker?.close();
  await nats?.stop();
});

describe('an append whose answer is lost', () => {
  it('given it was stored, when it is settled, then it succeeds with its position and is stored once', async () => {
    const one = actor();
    const position = await lying(loseAck).append(makeRecord(one, 1), 0);
    expect(await log.read(one)).toEqual({ records: [makeRecord(one, 1)], position });
    await log.append(makeRecord(one, 2), position);
  });

  it('given it was not stored, when it is settled, then it is sent again and stored once', async () => {
    const one = actor();
    const position = await lying(losePublish, losePublish).append(makeRecord(one, 1), 0);
    expect(await log.read(one)).toEqual({ records: [makeRecord(one, 1)], position });
  });

  it('given nobody answered, when it is tried again, then it is stored once', async () => {
    const one = actor();
    await lying(nobody, nobody).append(makeRecord(one, 1), 0);
    expect((await log.read(one)).records).toEqual([makeRecord(one, 1)]);
  });

  it('given it arrives late, after it was looked for, when it is sent again, then it succeeds and is stored once', async () => {
    const one = actor();
    let late: () => Promise<unknown> = async () => undefined;
    const hold: Lie = (send) => { late = send; return Promise.resolve(undefined); };
    const overtaken: Lie = async (send) => { await late(); return send(); };
    const position = await lying(hold, overtaken).append(makeRecord(one, 1), 0);
    expect(await log.read(one)).toEqual({ records: [makeRecord(one, 1)], position });
  });

  it('given somebody else took its place, when it is settled, then it is a conflict and only the other is stored', async () => {
    const one = actor();
    const overtaken: Lie = async () => { await log.append(makeRecord(one, 1, { other: true }), 0); return undefined; };
    await expect(lying(overtaken).append(makeRecord(one, 1), 0)).rejects.toMatchObject({ code: 'append_conflict' });
    expect((await log.read(one)).records).toEqual([makeRecord(one, 1, { other: true })]);
  });

  it('given it was stored and somebody already went on from it, when it is settled, then it succeeds', async () => {
    const one = actor();
    const extended: Lie = async (send) => {
      const { seq } = (await send()).json<{ seq: number }>();
      await log.append(makeRecord(one, 2), seq);
      return undefined;
    };
    const position = await lying(extended).append(makeRecord(one, 1), 0);
    const read = await log.read(one);
    expect(read.records).toEqual([makeRecord(one, 1), makeRecord(one, 2)]);
    expect(position).toBeLessThan(read.position);
  });

  it.each([['stored', loseAck], ['not stored', losePublish]] as const)('given a batch that was %s, when it is settled, then each of its appends is stored once', async (_, lie) => {
    const many = Array.from({ length: 40 }, actor);
    const liar = lying(lie);
    const positions = await Promise.all(many.map((one) => liar.append(makeRecord(one, 1), 0)));
    for (const [index, one] of many.entries()) expect(await log.read(one)).toEqual({ records: [makeRecord(one, 1)], position: positions[index] });
  });

  it('given no attempt gets through, when its patience ends, then it says that it may or may not be stored', async () => {
    const one = actor();
    const always = Array.from({ length: 1000 }, () => losePublish);
    await expect(lying(...always).append(makeRecord(one, 1), 0)).rejects.toMatchObject({ code: 'log_unavailable', retryable: true });
  });
});

describe('a log that somebody else wrote into', () => {
  it('given garbage in one actor, when it is read, then the error names actor and place, and readers of others go on', async () => {
    const [bad, fine] = [actor(), actor()];
    await grow(log, bad, 1);
    const { seq } = await broker.js.publish(broker.names.event(bad), 'garbage');
    await grow(log, fine, 2);
    await expect(log.read(bad)).rejects.toMatchObject({ code: 'bad_record', retryable: false });
    await expect(log.read(bad)).rejects.toThrow(`The log of ${bad} cannot be read: message ${seq} of MILLRACE_EVENTS is no record`);
    expect((await log.read(fine)).records).toHaveLength(2);
    const told: string[] = [];
    const all = await collect(log.readAll({ onBad: (error) => told.push(error.message) }));
    expect(all.filter((record) => record.actor === fine)).toHaveLength(2);
    expect(told).toEqual([expect.stringContaining(`The log of ${bad}`)]);
    const control = new AbortController();
    for await (const record of log.follow({ fromStart: true, signal: control.signal })) if (record.actor === fine && record.seq === 2) control.abort();
  });
});

describe('closing a log', () => {
  it('given appends under way, when the log is closed, then they are settled first and new ones are refused', async () => {
    const closing = natsLog(broker);
    const many = Array.from({ length: 50 }, actor);
    const appends = Promise.all(many.map((one) => closing.append(makeRecord(one, 1), 0)));
    await closing.close();
    await appends;
    await expect(closing.append(makeRecord(actor(), 1), 0)).rejects.toMatchObject({ code: 'log_closed' });
  });
});
