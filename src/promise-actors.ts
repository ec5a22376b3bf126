import type { Actors } from './adapters/declarers/millrace.ts';
import type { Millrace } from './connect.ts';
import type { Definition } from './kernel/definition.ts';
import type { ActorName, LogRecord } from './kernel/record.ts';
import { fold } from './kernel/replay.ts';
import { contextOf, hasEnded } from './kernel/status.ts';

/** How long a ruling is waited for; what is asked is stored, and asked again under the same id. */
const rulingMs = 5_000;

const ended: readonly string[] = ['completed', 'failed', 'cancelled'];

/** Runs and those who made them, as promises see them. `run`: the definition of a run. */
export function promiseActors({ send, log, board }: Pick<Millrace, 'send' | 'log' | 'board'>, run: Definition): Actors & { isOver(build: string): Promise<boolean> } {
  return {
    ask: (actor, command, body, id) => send(actor, command, body, { id, by: 'promise-failure', timeoutMs: rulingMs }),
    async run(actor) {
      const { records } = await log.read(actor);
      if (records.length === 0) return undefined;
      const { state } = fold(run, records);
      const { promised } = contextOf(state) as { readonly promised?: { readonly exitStatus: number } | null };
      return { over: hasEnded(state), ...(promised ? { promised: promised.exitStatus } : {}) };
    },
    async parent(actor) {
      const first = await firstRecord(log, actor);
      const parent = first?.data.parent as { readonly actor: ActorName } | undefined;
      return parent?.actor;
    },
    isOver: async (build) => ended.includes((await board.get(build as ActorName))?.status ?? ''),
  };
}

/** A long log is not read for its first record. */
async function firstRecord(log: Millrace['log'], actor: ActorName): Promise<LogRecord | undefined> {
  const done = new AbortController();
  try {
    for await (const record of log.follow({ actor, fromStart: true, signal: done.signal })) return record;
    return undefined;
  } finally {
    done.abort();
  }
}
