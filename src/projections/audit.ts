import { verify } from '../kernel/chain.ts';
import type { ActorName, LogRecord } from '../kernel/record.ts';

/** What `millrace audit verify` answers. */
export interface AuditResult {
  readonly actors: number;
  readonly records: number;
  readonly ok: boolean;
  /** The first record of each actor's log that is not what was appended. */
  readonly broken: readonly { readonly actor: ActorName; readonly seq: number; readonly reason: string }[];
  /** Messages in the log that are no records at all. */
  readonly unreadable: readonly string[];
}

export interface ChainAudit {
  readonly add: (record: LogRecord) => void;
  readonly unreadable: (what: string) => void;
  readonly result: () => AuditResult;
}

/** Folds records of many actors, in any interleaving, and checks every chain as they come. Remembers one head per actor. */
export function chainAudit(): ChainAudit {
  const heads = new Map<ActorName, Pick<LogRecord, 'seq' | 'chain'>>();
  const broken = new Map<ActorName, { actor: ActorName; seq: number; reason: string }>();
  const unreadable: string[] = [];
  let records = 0;
  return {
    add(record) {
      records += 1;
      const { actor } = record;
      const verdict = verify([record], heads.get(actor));
      heads.set(actor, record);
      if (!verdict.ok && !broken.has(actor)) broken.set(actor, { actor, seq: verdict.seq, reason: verdict.reason });
    },
    unreadable: (what) => void unreadable.push(what),
    result: () => ({ actors: heads.size, records, ok: broken.size + unreadable.length === 0, broken: [...broken.values()], unreadable }),
  };
}
