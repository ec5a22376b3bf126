import type { Clock } from '../../runtime/ports/clock.ts';
import { unknown, type Told, type Verdict } from './told.ts';

export interface Asked {
  /** As `run/b42`. */
  readonly build: string;
  readonly exitStatus: number;
  readonly reason?: string;
}

/** The promises themselves: actors. */
export interface PromiseBook {
  /** Make the promise, or find that it is made: true when this call made it. Durable when it resolves. */
  declare(asked: Asked): Promise<boolean>;
  /** Resolves with the end of a promise that is made, however long that takes. */
  verdict(asked: Asked, signal: AbortSignal): Promise<Verdict>;
}

/** Answers callers: one of them declares, the others wait and share, and everyone has an answer by their deadline. */
export interface Desk {
  ask(asked: Asked, deadlineMs: number): Promise<Told>;
  close(): void;
}

interface Entry {
  readonly ended: Promise<{ readonly made: boolean; readonly verdict: Verdict }>;
  settled: boolean;
}

/** Settled promises kept in mind; the log knows the others. */
const remembered = 10_000;

export function promiseDesk(book: PromiseBook, clock: Clock): Desk {
  const entries = new Map<string, Entry>();
  const closing = new AbortController();

  const lead = (key: string, asked: Asked): Entry => {
    // Nobody's going away ends this: it is not the caller's but the build's.
    const ended = book.declare(asked).then(async (made) => ({ made, verdict: await book.verdict(asked, closing.signal) }));
    const entry: Entry = { ended, settled: false };
    entries.set(key, entry);
    ended.then(() => {
      entry.settled = true;
      forgetOldest(entries);
    }, () => entries.delete(key));
    return entry;
  };

  return {
    async ask(asked, deadlineMs) {
      const key = `${asked.build} ${asked.exitStatus}`;
      const found = entries.get(key);
      const { ended } = found ?? lead(key, asked);
      return await inTime(ended.then(({ made, verdict }) => told(verdict, found === undefined && made), (error: unknown) => unknown(whyNot(error))), deadlineMs, clock);
    },
    close: () => closing.abort(),
  };
}

function told({ verdict, code, message, standing }: Verdict, made: boolean): Told {
  const outcome = made ? 'declared' : 'debounced';
  if (verdict === 'accepted') return { outcome, accepted: true };
  return { outcome, accepted: false, code: code ?? verdict, ...(message === undefined ? {} : { message }), ...(standing === undefined ? {} : { standing }) };
}

const whyNot = (error: unknown): string => `it could not be declared yet: ${error instanceof Error ? error.message : String(error)}`;

async function inTime(answer: Promise<Told>, deadlineMs: number, clock: Clock): Promise<Told> {
  let cancel = (): void => {};
  const late = new Promise<Told>((resolve) => {
    cancel = clock.after(deadlineMs, () => resolve(unknown('no verdict by the deadline; declaring goes on in the background')));
  });
  return await Promise.race([answer, late]).finally(() => cancel());
}

function forgetOldest(entries: Map<string, Entry>): void {
  if (entries.size <= remembered) return;
  for (const [key, { settled }] of entries) {
    if (!settled) continue;
    entries.delete(key);
    return;
  }
}
