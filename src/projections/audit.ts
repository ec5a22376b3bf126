import { verify } from '../kernel/chain.ts';
import type { ActorName, LogRecord } from '../kernel/record.ts';
import type { Anchor, Head } from './anchor.ts';

/** The first place where an actor's log is not what was appended, or not what an anchor saw. */
export interface Finding {
  readonly actor: ActorName;
  readonly seq: number;
  readonly reason: string;
}

/** What `millrace audit verify` answers. */
export interface AuditResult {
  readonly actors: number;
  readonly records: number;
  readonly ok: boolean;
  /** The first record of each actor's log that is not what was appended. */
  readonly broken: readonly Finding[];
  /** Logs that were cut, rewritten or taken away since an anchor saw them. */
  readonly against: readonly Finding[];
  /** Messages in the log that are no records at all. */
  readonly unreadable: readonly string[];
}

export interface ChainAudit {
  readonly add: (record: LogRecord) => void;
  readonly unreadable: (what: string) => void;
  /** Where each log ends, as far as it was added. */
  readonly heads: () => readonly Head[];
  readonly result: () => AuditResult;
}

/** Folds records of many actors, in any interleaving, and checks every chain as they come, and that it passes through every anchored head. */
export function chainAudit(anchors: readonly Pick<Anchor, 'at' | 'heads'>[] = []): ChainAudit {
  const heads = new Map<ActorName, Head>();
  const broken = new Map<ActorName, Finding>();
  const anchored = anchoredHeads(anchors);
  const unreadable: string[] = [];
  let records = 0;
  return {
    add(record) {
      records += 1;
      const { actor, seq, chain } = record;
      const verdict = verify([record], heads.get(actor));
      heads.set(actor, { actor, seq, chain });
      anchored.meet(record);
      if (!verdict.ok && !broken.has(actor)) broken.set(actor, { actor, seq: verdict.seq, reason: verdict.reason });
    },
    unreadable: (what) => void unreadable.push(what),
    heads: () => [...heads.values()],
    result() {
      const against = anchored.findings(heads);
      return { actors: heads.size, records, ok: broken.size + against.length + unreadable.length === 0, broken: [...broken.values()], against, unreadable };
    },
  };
}

interface Awaited { readonly head: Head; readonly at: string; found?: 'same' | 'other' }

/** The heads that anchors saw, and whether the log still has them. */
function anchoredHeads(anchors: readonly Pick<Anchor, 'at' | 'heads'>[]) {
  const awaited = new Map<ActorName, Awaited[]>();
  for (const { at, heads } of anchors) for (const head of heads) awaited.set(head.actor, [...(awaited.get(head.actor) ?? []), { head, at }]);
  return {
    meet({ actor, seq, chain }: LogRecord): void {
      for (const one of awaited.get(actor) ?? []) if (one.head.seq === seq && one.found !== 'same') one.found = one.head.chain === chain ? 'same' : 'other';
    },
    findings(now: ReadonlyMap<ActorName, Head>): readonly Finding[] {
      return [...awaited.values()].flatMap((all) => {
        const [first] = all.filter(({ found }) => found !== 'same').sort((a, b) => a.head.seq - b.head.seq);
        return first === undefined ? [] : [finding(first, now.get(first.head.actor))];
      });
    },
  };
}

function finding({ head: { actor, seq }, at, found }: Awaited, now: Head | undefined): Finding {
  if (now === undefined) return { actor, seq: 1, reason: `its whole log is gone: the anchor of ${at} saw ${seq} records` };
  if (found === 'other') return { actor, seq, reason: `record ${seq} is another one than the anchor of ${at} saw: the log was rewritten up to there` };
  if (now.seq < seq) return { actor, seq: now.seq + 1, reason: `the end of its log was cut off after record ${now.seq}: the anchor of ${at} saw ${seq} records` };
  return { actor, seq, reason: `record ${seq}, which the anchor of ${at} saw, is missing` };
}
