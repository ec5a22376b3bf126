import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainOf, firstChain, seal, verify } from '../../../src/kernel/chain.ts';
import type { LogRecord } from '../../../src/kernel/record.ts';

const machine = { name: 'order', version: '1', hash: 'ab' };

const logs = fc.array(fc.record({ type: fc.constantFrom('pay', 'note', 'timer.fired'), by: fc.option(fc.string(), { nil: undefined }), data: fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string())) }), { minLength: 2, maxLength: 8 })
  .map((records) => records.reduce<LogRecord[]>((log, { type, by, data }, i) => [
    ...log, seal(log.at(-1)?.chain, { actor: 'order/o1', seq: i + 1, at: i * 10, type, cause: `c${i}`, ...(by === undefined ? {} : { by }), machine, data, traceparent: '00-x' }),
  ], []));

const changes: Record<string, (record: LogRecord) => LogRecord> = {
  at: (record) => ({ ...record, at: record.at + 1 }),
  type: (record) => ({ ...record, type: `${record.type}x` }),
  cause: (record) => ({ ...record, cause: `${record.cause}x` }),
  by: (record) => ({ ...record, by: `${record.by ?? ''}x` }),
  data: (record) => ({ ...record, data: { ...record.data, extra: 1 } }),
  machine: (record) => ({ ...record, machine: { ...machine, version: '2' } }),
  chain: (record) => ({ ...record, chain: record.chain.replace(/./, (digit) => (digit === '0' ? '1' : '0')) }),
  seq: (record) => ({ ...record, seq: record.seq + 1 }),
  actor: (record) => ({ ...record, actor: 'order/o2' }),
};

describe('the hash chain', () => {
  it('given an untouched log, then it holds, whatever the order of keys and the trace context', () => {
    fc.assert(fc.property(logs, (log) => {
      expect(verify(log)).toEqual({ ok: true });
      const turned = log.map(({ chain, data, ...rest }) => ({ chain, data: Object.fromEntries(Object.entries(data).reverse()), ...rest, traceparent: 'other' }));
      expect(verify(turned)).toEqual({ ok: true });
      const cut = Math.floor(log.length / 2);
      expect(verify(log.slice(cut), log[cut - 1])).toEqual({ ok: true });
    }), { numRuns: 50 });
  });

  it('given any one record changed, dropped, doubled or moved, then the first wrong place is named', () => {
    fc.assert(fc.property(logs, fc.nat(), fc.constantFrom(...Object.keys(changes), 'drop', 'double', 'swap'), (log, pick, how) => {
      const at = pick % log.length;
      const broken = [...log];
      const record = log[at] as LogRecord;
      if (how === 'drop') {
        if (at === log.length - 1) return;
        broken.splice(at, 1);
      } else if (how === 'double') broken.splice(at, 0, record);
      else if (how === 'swap') {
        if (at === 0) return;
        [broken[at - 1], broken[at]] = [record, log[at - 1] as LogRecord];
      } else broken[at] = changes[how]?.(record) ?? record;
      const result = verify(broken);
      expect(result.ok).toBe(false);
      if (!result.ok) expect(Math.abs(result.seq - (at + 1))).toBeLessThanOrEqual(1);
    }), { numRuns: 400 });
  });

  it('given a log whose end was cut off, then the tail does not fit the head that was kept elsewhere', () => {
    const one = seal(undefined, { actor: 'order/o1', seq: 1, at: 1, type: 'pay', cause: 'c', machine, data: {} });
    const other = seal('f'.repeat(64), { actor: 'order/o1', seq: 2, at: 1, type: 'pay', cause: 'd', machine, data: {} });
    expect(verify([other], one)).toMatchObject({ ok: false, seq: 2 });
    expect(one.chain).toBe(chainOf(firstChain, one));
  });

  it('given this record, then its chain is this one for ever: a changed rule would make every old log look forged', () => {
    expect(chainOf(firstChain, { actor: 'order/o1', seq: 1, at: 5, type: 'pay', cause: 'c1', by: 'ann', machine, data: { b: 1, a: [true, null] } }))
      .toBe('4846ed42b652718c6c0bffacef91b716c890b8b98568349ece1635a3a4598f3a');
  });
});
