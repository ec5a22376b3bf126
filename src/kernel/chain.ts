import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import type { LogRecord } from './record.ts';

/** What the first record of a log is chained to. */
export const firstChain = '0'.repeat(64);

export type Unsealed = Omit<LogRecord, 'chain'>;

/** SHA-256, hex, over the previous record's chain and everything of this record but its trace context. */
export function chainOf(previous: string, record: Unsealed): string {
  const { actor, seq, at, type, cause, by, key, machine, data } = record;
  return createHash('sha256').update(canonicalJson({ actor, at, by, cause, data, key, machine, previous, seq, type })).digest('hex');
}

/** The record with its chain. `previous` is the last record's chain, undefined for the first record. */
export function seal(previous: string | undefined, record: Unsealed): LogRecord {
  return { ...record, chain: chainOf(previous ?? firstChain, record) };
}

export type Verification = { readonly ok: true } | { readonly ok: false; readonly seq: number; readonly reason: string };

/**
 * Check one actor's log, or its tail after a known record. Finds what was changed, dropped, added or moved,
 * and names the first place; records missing at the very end show only against a known last `seq` and `chain`.
 */
export function verify(records: readonly LogRecord[], after?: Pick<LogRecord, 'seq' | 'chain'>): Verification {
  let seq = after?.seq ?? 0;
  let chain = after?.chain ?? firstChain;
  for (const record of records) {
    seq += 1;
    if (record.actor !== records[0]?.actor) return { ok: false, seq, reason: `record ${seq} belongs to ${record.actor}` };
    if (record.seq !== seq) return { ok: false, seq, reason: `record ${seq} is missing or moved: record ${record.seq} stands in its place` };
    if (record.chain !== chainOf(chain, record)) return { ok: false, seq, reason: `record ${seq} was changed: its chain does not match what it says` };
    chain = record.chain;
  }
  return { ok: true };
}
