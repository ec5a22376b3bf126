import { createUser } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';
import { isSigned } from '../../../src/adapters/nats/identity/signer.ts';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import { seal } from '../../../src/kernel/chain.ts';
import type { LogRecord } from '../../../src/kernel/record.ts';
import { digestOf, makeAnchor, parseAnchor, requireLinked, signedBytes, statementOf, type Anchor } from '../../../src/projections/anchor.ts';
import { cloudEvent, exportedRecord } from '../../../src/projections/cloud-event.ts';
import { wishesOf } from '../../../src/projections/wishes.ts';

const pair = createUser();
const signer = { publicKey: pair.getPublicKey(), sign: (bytes: Uint8Array) => Buffer.from(pair.sign(bytes)).toString('base64') };
const head = (id: string) => ({ actor: `order/${id}`, seq: 3, chain: id.repeat(64) }) as const;
const anchorOf = (at: number, previous?: Anchor): Anchor => makeAnchor({ heads: [head('b'), head('a')], at, prefix: 'millrace', signer, previous });

describe('given an anchor', () => {
  it('then its heads are in order, it is signed, and its text gives it back', () => {
    const anchor = anchorOf(5);
    expect(anchor.heads.map(({ actor }) => actor)).toEqual(['order/a', 'order/b']);
    expect(anchor).toMatchObject({ actors: 2, records: 6, previous: null, signer: signer.publicKey });
    expect(isSigned(anchor.signer, signedBytes(statementOf(anchor)), anchor.signature)).toBe(true);
    expect(parseAnchor(canonicalJson(anchor), 'a')).toEqual(anchor);
  });

  it('when a head or the statement is changed, then it is found', () => {
    const anchor = anchorOf(5);
    expect(() => parseAnchor(JSON.stringify({ ...anchor, heads: [{ ...head('a'), seq: 2 }, head('b')] }), 'a')).toThrow(/not the ones that were signed/);
    expect(() => parseAnchor(JSON.stringify({ ...anchor, heads: [head('a')] }), 'a')).toThrow(/not the ones that were signed/);
    expect(isSigned(anchor.signer, signedBytes({ ...statementOf(anchor), at: '2020-01-01T00:00:00.000Z' }), anchor.signature)).toBe(false);
    expect(() => parseAnchor('{', 'a')).toThrow(/not JSON/);
  });

  it('when one of a row of anchors is missing, then the row is broken', () => {
    const one = anchorOf(1);
    const two = anchorOf(2, one);
    const three = anchorOf(3, two);
    expect(two.previous).toBe(digestOf(one));
    expect(() => requireLinked([three, one, two])).not.toThrow();
    expect(() => requireLinked([one, three])).toThrow(/follows another one/);
  });
});

const secret = `ghp_${'a1B2'.repeat(9)}`;
const record = seal(undefined, {
  actor: 'order/o1', seq: 1, at: 1_700_000_000_000, type: 'pay', cause: 'c-1', by: 'ann\u0007\ud800', machine: { name: 'order', version: '1', hash: 'ab' },
  data: { note: `use ${secret}`, password: 'hunter22' }, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
});

describe('given a record that is exported', () => {
  it('then it is a CloudEvent: every required attribute, only names and values that the specification takes', () => {
    const event = cloudEvent(record, 'millrace');
    expect(event).toMatchObject({ specversion: '1.0', id: '1', source: '/millrace/order/o1', type: 'millrace.pay', subject: 'order/o1', time: '2023-11-14T22:13:20.000Z', datacontenttype: 'application/json', chain: record.chain, cause: 'c-1', sequence: '1' });
    for (const name of ['id', 'source', 'specversion', 'type']) expect(event[name]).toMatch(/./);
    for (const [name, value] of Object.entries(event)) {
      if (name === 'data') continue;
      expect(name).toMatch(/^[a-z0-9]{1,20}$/);
      expect(value).toMatch(/^[^\p{Cc}\p{Surrogate}]+$/u);
    }
    expect(() => new URL(event.source as string, 'http://x')).not.toThrow();
    expect(cloudEvent({ ...record, by: '' }, 'millrace')).not.toHaveProperty('by');
  });

  it('then no secret of it leaves, in either form', () => {
    const text = JSON.stringify([cloudEvent(record, 'millrace'), exportedRecord(record)]);
    expect(text).not.toContain(secret);
    expect(text).not.toContain('hunter22');
    expect(text).toContain('use [redacted]');
  });
});

describe('given the log, the requests and the dead letters of an actor', () => {
  const at = (seq: number, type: string, more: Partial<LogRecord> = {}): LogRecord => ({ ...record, seq, at: seq * 10, type, by: 'ann', data: {}, ...more });
  it('then each wish says who asked, why and what became of it, in the order of time; facts are no wishes', () => {
    const records = [at(1, 'actor.created'), at(2, 'cancel', { data: { reason: 'late' } }), at(3, 'activity.completed'), at(4, 'pay')];
    const request = { id: 'c', command: 'cancel', by: 'ann', reason: 'late', at: 20, state: 'completed', counts: {}, settledAt: 30, settledSeq: 3, detail: 'all undone', seq: 2 } as const;
    const dead = { actor: 'order/o1', at: 25, command: 'start', by: 'bob', code: 'command_refused', reason: 'not now' } as const;
    expect(wishesOf(records, [request], [dead])).toEqual([
      { seq: 1, at: 10, command: 'create', by: 'ann', became: 'taken' },
      { seq: 2, at: 20, command: 'cancel', by: 'ann', reason: 'late', became: 'completed', detail: 'all undone', settledAt: 30, settledSeq: 3 },
      { at: 25, command: 'start', by: 'bob', became: 'refused', detail: 'not now [command_refused]' },
      { seq: 4, at: 40, command: 'pay', by: 'ann', became: 'taken' },
    ]);
  });
});
