import type { Millrace } from '../../connect.ts';
import type { DeadLetter } from '../../runtime/ports/dead.ts';
import type { DeadRow } from '../protocol.ts';
import { shown } from '../shown.ts';

/** The dead letters, read again when one came or went, while somebody watches. */
export interface DeadFeed {
  list(): Promise<readonly DeadRow[]>;
  /** Returns how to stop. */
  onChange(tell: (letters: readonly DeadRow[]) => void): () => void;
  /** Something may have changed. */
  reload(): void;
  close(): void;
}

/** A letter is heard of before it is stored, and a removal before it is done: so long after it both are. */
const settledMs = [100, 1_000];

/** Rows that are shown; the newest. */
const most = 1_000;

export function deadFeed({ broker, dead }: Pick<Millrace, 'broker' | 'dead'>): DeadFeed {
  const { nc, names } = broker;
  const listeners = new Set<(letters: readonly DeadRow[]) => void>();
  let timers: readonly NodeJS.Timeout[] = [];
  let told = '';

  const list = async (): Promise<readonly DeadRow[]> => (await dead.list()).slice(-most).toReversed().map(deadRow);
  const look = async (): Promise<void> => {
    const letters = await list();
    const now = JSON.stringify(letters);
    if (now === told) return;
    told = now;
    for (const tell of listeners) tell(letters);
  };
  const reload = (): void => {
    if (listeners.size === 0) return;
    for (const timer of timers) clearTimeout(timer);
    // A broker that is away is asked again when it is back.
    timers = settledMs.map((ms) => setTimeout(() => { look().catch(() => undefined); }, ms));
  };
  const heard = [`${names.prefix}.dead.>`, `$JS.API.STREAM.MSG.DELETE.${names.streams.dead}`, `$JS.API.STREAM.PURGE.${names.streams.dead}`]
    .map((subject) => nc.subscribe(subject, { callback: reload }));
  return {
    list,
    reload,
    onChange(tell) {
      told = '';
      listeners.add(tell);
      return () => { listeners.delete(tell); };
    },
    close() {
      for (const subscription of heard) subscription.unsubscribe();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

export const deadRow = ({ id, type, actorId, subject, code, reason, hint, deliveries, at }: DeadLetter): DeadRow =>
  shown({ id, actor: `${type}/${actorId}`, command: subject.split('.').at(-1) ?? '', code, reason, ...(hint === undefined ? {} : { hint }), deliveries, at });
