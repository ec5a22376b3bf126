import { createUser } from '@nats-io/nkeys';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import { encodeRecord } from '../../src/adapters/nats/log/codec.ts';
import { natsLog } from '../../src/adapters/nats/log/log.ts';
import { auditAll } from '../../src/cli/commands/audit/verify.ts';
import { seal } from '../../src/kernel/chain.ts';
import type { ActorName, LogRecord } from '../../src/kernel/record.ts';
import { makeAnchor, type Anchor } from '../../src/projections/anchor.ts';
import { chainAudit, type AuditResult } from '../../src/projections/audit.ts';
import { backup, publishRaw, rawMessages, recreate, restore, type Raw } from '../support/backup.ts';
import { freshBroker } from '../support/broker.ts';
import { startNats, type TestNats } from '../support/nats.ts';

let nats: TestNats;
beforeAll(async () => { nats = await startNats(); });
afterAll(() => nats.stop());

const machine = { name: 'order', version: '1', hash: 'ab' };
const pair = createUser();
const signer = { publicKey: pair.getPublicKey(), sign: (bytes: Uint8Array) => Buffer.from(pair.sign(bytes)).toString('base64') };

function logOf(actor: ActorName, amounts: readonly number[]): LogRecord[] {
  return amounts.reduce<LogRecord[]>((log, amount, i) => [
    ...log, seal(log.at(-1)?.chain, { actor, seq: i + 1, at: 1_700_000_000_000 + i, type: i === 0 ? 'actor.created' : 'pay', cause: `${actor}-${i}`, by: 'ann', machine, data: { amount } }),
  ], []);
}

/** Two orders of four records each, side by side, and the anchor of their heads. */
interface Stage { readonly broker: Broker; readonly anchor: Anchor }

async function stage(storage: 'file' | 'memory' = 'memory'): Promise<Stage> {
  const broker = await freshBroker(nats, { storage });
  const log = natsLog(broker);
  const ends = new Map<ActorName, number>();
  for (const i of [0, 1, 2, 3]) {
    for (const actor of ['order/a', 'order/b'] as const) ends.set(actor, await log.append(logOf(actor, [1, 2, 3, 4])[i] as LogRecord, ends.get(actor) ?? 0));
  }
  await log.close();
  const chains = chainAudit();
  await auditAll({ log: natsLog(broker) }, chains);
  expect(chains.result()).toMatchObject({ actors: 2, records: 8, ok: true });
  return { broker, anchor: makeAnchor({ heads: chains.heads(), at: 1_700_000_100_000, prefix: broker.names.prefix, signer }) };
}

async function audit({ broker }: Stage, anchors: readonly Anchor[]): Promise<AuditResult> {
  const chains = chainAudit(anchors);
  await auditAll({ log: natsLog(broker) }, chains);
  return chains.result();
}

const raw = (broker: Broker, record: LogRecord): Raw => {
  const { subject, headers: pairs, body } = encodeRecord(broker.names, record);
  return { subject, headers: pairs, body: new TextDecoder().decode(body) };
};

const isOf = (actor: string) => ({ subject }: Raw): boolean => subject.endsWith(`.${actor}`);

describe('given the stream as Millrace makes it, then the server itself turns away', () => {
  // Refused all of them: one stream does for all.
  let at: Stage;
  beforeAll(async () => { at = await stage('file'); });

  test.each<[string, (broker: Broker) => Promise<unknown>, RegExp]>([
    ['deleting a record', ({ jsm, names }) => jsm.streams.deleteMessage(names.streams.events, 3), /delete not permitted/],
    ['deleting a record without erasing it', ({ jsm, names }) => jsm.streams.deleteMessage(names.streams.events, 3, false), /delete not permitted/],
    ['purging everything', ({ jsm, names }) => jsm.streams.purge(names.streams.events), /purge not permitted/],
    ["purging one actor's log", ({ jsm, names }) => jsm.streams.purge(names.streams.events, { filter: names.event('order/a') }), /purge not permitted/],
    ['purging all but the last', ({ jsm, names }) => jsm.streams.purge(names.streams.events, { keep: 1 }), /purge not permitted/],
    ['purging up to a place', ({ jsm, names }) => jsm.streams.purge(names.streams.events, { seq: 4 }), /purge not permitted/],
    ['allowing deletes', ({ jsm, names }) => jsm.streams.update(names.streams.events, { deny_delete: false }), /can not cancel deny message deletes/],
    ['allowing purges', ({ jsm, names }) => jsm.streams.update(names.streams.events, { deny_purge: false }), /can not cancel deny purge/],
    ['rolling a log up into one message', ({ js, names }) => {
      const header = headers();
      header.set('Nats-Rollup', 'sub');
      return js.publish(names.event('order/a'), '{}', { headers: header });
    }, /rollup not permitted/],
    ['a message that goes by itself', ({ js, names }) => {
      const header = headers();
      header.set('Nats-TTL', '1s');
      return js.publish(names.event('order/a'), '{}', { headers: header });
    }, /TTL/i],
  ])('%s', async (_what, tamper, refusal) => {
    await expect(tamper(at.broker)).rejects.toThrow(refusal);
    expect(await audit(at, [at.anchor])).toMatchObject({ ok: true, records: 8 });
  });
});

interface Row {
  /** Backups are of files. */
  readonly storage?: 'file';
  readonly what: string;
  readonly tamper: (stage: Stage) => Promise<unknown>;
  /** What the chains alone find. */
  readonly chains: object | 'nothing';
  /** What the anchor finds. */
  readonly anchor: object | 'nothing';
}

/** The stream made again from its messages, after `doctor` had them. */
const again = (doctor: (messages: Raw[]) => Raw[]) => async ({ broker }: Stage): Promise<void> => recreate(broker, doctor(await rawMessages(broker)));

const broken = (actor: string, seq: number, reason: RegExp) => ({ ok: false, broken: [{ actor, seq, reason: expect.stringMatching(reason) as string }] });
const against = (actor: string, seq: number, reason: RegExp) => ({ ok: false, broken: [], against: [{ actor, seq, reason: expect.stringMatching(reason) as string }] });

/** The third of order/a. */
const third = (messages: readonly Raw[]): number => messages.indexOf(messages.filter(isOf('a'))[2] as Raw);

const rows: readonly Row[] = [
  { what: 'a body was changed', tamper: again((all) => all.map((one, i) => (i === third(all) ? { ...one, body: '{"amount":900}' } : one))),
    chains: broken('order/a', 3, /was changed/), anchor: 'nothing' },
  { what: 'who asked was changed', tamper: again((all) => all.map((one, i) => (i === third(all) ? { ...one, headers: one.headers.map(([key, value]) => [key, key === 'Millrace-By' ? 'bob' : value] as const) } : one))),
    chains: broken('order/a', 3, /was changed/), anchor: 'nothing' },
  { what: 'a record was dropped', tamper: again((all) => all.filter((_one, i) => i !== third(all))),
    chains: broken('order/a', 3, /missing or moved/), anchor: 'nothing' },
  { what: 'the first record was dropped', tamper: again((all) => all.slice(1)),
    chains: broken('order/a', 1, /missing or moved/), anchor: 'nothing' },
  { what: 'two records changed places', tamper: again((all) => [...all.filter(isOf('b')), ...[0, 2, 1, 3].map((i) => all.filter(isOf('a'))[i] as Raw)]),
    chains: broken('order/a', 2, /missing or moved/), anchor: 'nothing' },
  { what: 'a record stands there twice', tamper: again((all) => [...all.slice(0, third(all) + 1), all[third(all)] as Raw, ...all.slice(third(all) + 1)]),
    chains: broken('order/a', 4, /missing or moved/), anchor: 'nothing' },
  { what: 'a record was moved to the end of another log', tamper: again((all) => [...all.filter((one) => one !== all.filter(isOf('a'))[3]), { ...(all.filter(isOf('a'))[3] as Raw), subject: (all[1] as Raw).subject }]),
    chains: broken('order/b', 5, /missing or moved/), anchor: { ok: false, against: [{ actor: 'order/a', seq: 4 }] } },
  { what: 'a record changed places with that of another log', tamper: again((all) => all.map((one, i) => (i === 4 || i === 5 ? { ...(all[9 - i] as Raw), subject: one.subject } : one))),
    chains: { ok: false, broken: [{ actor: 'order/a', seq: 3 }, { actor: 'order/b', seq: 3 }] }, anchor: 'nothing' },
  { what: 'a whole log was given to another actor', tamper: again((all) => all.map((one) => (isOf('a')(one) ? { ...one, subject: one.subject.replace(/a$/, 'c') } : one))),
    chains: broken('order/c', 1, /was changed/), anchor: { ok: false, against: [{ actor: 'order/a', seq: 1, reason: expect.stringContaining('whole log is gone') as string }] } },
  { what: 'a record was forged onto the end, its chain made up', tamper: ({ broker }) => publishRaw(broker, [raw(broker, { ...logOf('order/a', [1, 2, 3, 4, 5])[4] as LogRecord, chain: 'e'.repeat(64) })]),
    chains: broken('order/a', 5, /was changed/), anchor: 'nothing' },
  { what: 'something that is no record was published', tamper: ({ broker }) => publishRaw(broker, [{ subject: broker.names.event('order/a'), headers: [], body: '{}' }]),
    chains: { ok: false, broken: [], unreadable: [expect.stringContaining('order/a') as string] }, anchor: 'nothing' },
  { what: 'a log was rewritten, every chain worked out again', tamper: ({ broker, ...rest }) => again((all) => [...all.filter(isOf('b')), ...logOf('order/a', [1, 900, 3, 4]).map((record) => raw(broker, record))])({ broker, ...rest }),
    chains: 'nothing', anchor: against('order/a', 4, /another one than the anchor/) },
  { what: 'a log was rewritten and goes on', tamper: ({ broker, ...rest }) => again((all) => [...all.filter(isOf('b')), ...logOf('order/a', [1, 2, 3, 900, 5, 6]).map((record) => raw(broker, record))])({ broker, ...rest }),
    chains: 'nothing', anchor: against('order/a', 4, /another one than the anchor/) },
  { what: 'the end of a log was cut off', tamper: again((all) => all.filter((one) => !all.filter(isOf('a')).slice(2).includes(one))),
    chains: 'nothing', anchor: against('order/a', 3, /cut off after record 2/) },
  { what: 'an actor vanished', tamper: again((all) => all.filter((one) => !isOf('a')(one))),
    chains: 'nothing', anchor: against('order/a', 1, /whole log is gone: the anchor of .* saw 4 records/) },
  { what: 'everything vanished', tamper: again(() => []),
    chains: 'nothing', anchor: { ok: false, against: [{ actor: 'order/a', seq: 1 }, { actor: 'order/b', seq: 1 }] } },
  { storage: 'file', what: 'a backup was restored whose records were changed', tamper: async (at) => {
    const stream = at.broker.names.streams.events;
    await again((all) => all.map((one, i) => (i === third(all) ? { ...one, body: '{"amount":900}' } : one)))(at);
    const doctored = await backup(at.broker.nc, stream);
    await restore(at.broker.nc, stream, doctored);
  }, chains: broken('order/a', 3, /was changed/), anchor: 'nothing' },
  { storage: 'file', what: 'a backup of long ago was restored', tamper: async (at) => {
    const stream = at.broker.names.streams.events;
    const now = await rawMessages(at.broker);
    await recreate(at.broker, now.slice(0, 4));
    const old = await backup(at.broker.nc, stream);
    await recreate(at.broker, now);
    await restore(at.broker.nc, stream, old);
  }, chains: 'nothing', anchor: { ok: false, against: [{ actor: 'order/a', seq: 3 }, { actor: 'order/b', seq: 3 }] } },
  // The limit of both: whoever may publish on the events' subjects may append.
  { what: 'a record was forged onto the end, its chain worked out', tamper: ({ broker }) => publishRaw(broker, [raw(broker, logOf('order/a', [1, 2, 3, 4, 900])[4] as LogRecord)]),
    chains: 'nothing', anchor: 'nothing' },
];

describe('given somebody who holds the server', () => {
  test.each(rows)('when $what, then verify says so', async ({ tamper, chains, anchor, storage }) => {
    const at = await stage(storage);
    await tamper(at);
    const [alone, anchored] = [await audit(at, []), await audit(at, [at.anchor])];
    expect(alone.against).toEqual([]);
    if (chains === 'nothing') expect(alone.ok).toBe(true);
    else expect(alone).toMatchObject(chains);
    if (anchor === 'nothing') expect(anchored.against).toEqual([]);
    else expect(anchored).toMatchObject(anchor);
  });
});

test('given a tool that knows nothing of Millrace, then a message of the stream is readable by itself', async () => {
  const { broker } = await stage();
  const message = await broker.jsm.streams.getMessage(broker.names.streams.events, { seq: 3 });
  expect(message?.subject).toBe(broker.names.event('order/a'));
  expect(JSON.parse(new TextDecoder().decode(message?.data))).toEqual({ amount: 2 });
  expect(Object.fromEntries((message?.header.keys() ?? []).map((key) => [key, message?.header.get(key)]))).toMatchObject({
    'Millrace-Type': 'pay', 'Millrace-Cause': 'order/a-1', 'Millrace-By': 'ann', 'Millrace-Seq': '2', 'Millrace-Time': '2023-11-14T22:13:20.001Z',
    'Millrace-Machine': 'order@1#ab', 'Millrace-Chain': expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
});
