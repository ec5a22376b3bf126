import { verify } from '../kernel/chain.ts';
import type { ActorName, LogRecord } from '../kernel/record.ts';

/** What `millrace audit verify` answers. */
export interface AuditResult {
  readonly actors: number;
  readonly records: number;
  readonly ok: boolean;
  /** The first record of each actor's log that is not what was appended. */
  readonly broken: readonly { readonly actor: ActorName; readonly seq: number; readonly reason: string }[];
}

/** Folds records of many actors, in any interleaving, and checks every chain as they come. Remembers one head per actor. */
export function chainAudit(): { readonly add: (record: LogRecord) => void; readonly report: (actor: ActorName, seq: number, reason: string) => void; readonly result: () => AuditResult } {
  const heads = new Map<ActorName, Pick<LogRecord, 'seq' | 'chain'>>();
  const broken = new Map<ActorName, { actor: ActorName; seq: number; reason: string }>();
  let records = 0;
  return {
    add(record) {
      records += 1;
      const { actor } = record;
      const verdict = verify([record], heads.get(actor));
      heads.set(actor, record);
      if (!verdict.ok && !broken.has(actor)) broken.set(actor, { actor, seq: verdict.seq, reason: verdict.reason });
    },
    report(actor, seq, reason) {
      if (!broken.has(actor)) broken.set(actor, { actor, seq, reason });
    },
    result: () => ({ actors: new Set([...heads.keys(), ...broken.keys()]).size, records, ok: broken.size === 0, broken: [...broken.values()] }),
  };
}
