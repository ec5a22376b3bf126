import { headers, type MsgHdrs } from '@nats-io/transport-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, type StoredRecord } from '../../../src/adapters/nats/log/codec.ts';
import { fromHeader, toHeader } from '../../../src/adapters/nats/log/headers.ts';
import { namesFor } from '../../../src/adapters/nats/names.ts';
import { makeRecord } from '../../support/records.ts';

const names = namesFor('acme.mill');
const good = encodeRecord(names, makeRecord('build/b42', 3, { app: 'hello' }));

function stored(body = good.body, change: (hdrs: MsgHdrs) => void = () => undefined): StoredRecord {
  const header = headers();
  for (const [name, value] of good.headers) header.append(name, value);
  change(header);
  return { subject: good.subject, seq: 77, header, data: body };
}

describe('records as messages', () => {
  it('given a record, when it is encoded, then a person can read its headers and its body', () => {
    expect(good.subject).toBe('acme.mill.evt.build.b42');
    expect(Object.fromEntries(good.headers)).toMatchObject({
      'Millrace-Type': 'pay', 'Millrace-Cause': 'cmd-3', 'Millrace-Seq': '3', 'Millrace-Time': '2023-11-14T22:13:20.003Z', 'Millrace-Machine': 'order@1.0.0#ab12',
    });
    expect(new TextDecoder().decode(good.body)).toBe('{"app":"hello"}');
    expect(decodeRecord(names, stored())).toEqual(makeRecord('build/b42', 3, { app: 'hello' }));
  });

  it('given any string, when it goes through a header, then it is visible ASCII and comes back the same', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('%', 'u', 'D', '8', '0', '\ud800', '\udc00', 'é', ' ') }), (one, two) => {
      for (const value of [one, two]) {
        expect(toHeader(value)).toMatch(/^[\x21-\x7e]*$/);
        expect(fromHeader(toHeader(value))).toBe(value);
      }
    }));
  });

  const utf8 = new TextEncoder();
  it.each([
    ['no header at all', { ...stored(), header: undefined }, /Millrace-Seq is missing/],
    ['a body that is not JSON', stored(utf8.encode('{oops')), /JSON/],
    ['a body that is a list', stored(utf8.encode('[]')), /not a JSON object/],
    ['a body that is not UTF-8', stored(new Uint8Array([0x22, 0xff, 0x22])), /encoded data|UTF-8/i],
    ['a sequence of 0', stored(good.body, (h) => { h.set('Millrace-Seq', '0'); }), /Millrace-Seq is "0"/],
    ['a sequence of 1e3', stored(good.body, (h) => { h.set('Millrace-Seq', '1e3'); }), /Millrace-Seq/],
    ['no chain', stored(good.body, (h) => { h.delete('Millrace-Chain'); }), /Millrace-Chain is missing/],
    ['a time that is none', stored(good.body, (h) => { h.set('Millrace-Time', 'noon'); }), /Millrace-Time/],
    ['a machine that is none', stored(good.body, (h) => { h.set('Millrace-Machine', 'order'); }), /Millrace-Machine/],
    ['a broken escape', stored(good.body, (h) => { h.set('Millrace-Cause', '%ff'); }), /URI/],
  ])('given a message with %s, when it is decoded, then the error names the actor and the stream sequence', (_, message, why) => {
    const decode = (): unknown => decodeRecord(names, message);
    expect(decode).toThrow(expect.objectContaining({ code: 'bad_record', retryable: false }) as Error);
    expect(decode).toThrow(/build\/b42.*message 77 of ACME_MILL_EVENTS/);
    expect(decode).toThrow(why);
  });

  it.each([{ seq: 0 }, { seq: 1.5 }, { at: Number.NaN }, { at: 1.5 }, { at: 1e16 }])('given a record that no message can carry, %o, when it is encoded, then it is refused', (over) => {
    expect(() => encodeRecord(names, { ...makeRecord('build/b42', 1), ...over })).toThrow(expect.objectContaining({ code: 'bad_record' }) as Error);
  });
});
