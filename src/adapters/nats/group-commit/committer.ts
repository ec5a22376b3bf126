import type { ActorName } from '../../../kernel/record.ts';
import type { Position } from '../../../runtime/ports/log.ts';
import { batchOverhead } from './batch.ts';
import { sizeOf, type Outgoing } from './wire.ts';

export interface CommitterOptions {
  /** Groups on their way at a time; what becomes ready meanwhile gathers. */
  readonly inFlight: number;
  /** Messages in a batch at most. The server takes no more than 1000. */
  readonly batchSize: number;
  /** Messages in a batch at least. A batch costs the server a few milliseconds, so a smaller group is faster one by one. */
  readonly batchMin: number;
  /** Bytes in a batch. */
  readonly batchBytes: number;
  /** Messages admitted at a time; the others wait outside. */
  readonly waiting: number;
}

/** Measured: docs/decisions/0001-group-commit.md. */
export const usual: CommitterOptions = { inFlight: 4, batchSize: 256, batchMin: 12, batchBytes: 4 * 1024 * 1024, waiting: 4096 };

/** How messages leave. */
export interface Ways<M extends Outgoing> {
  /** One message to the end; `doubt`: an earlier attempt may have been stored. */
  readonly one: (message: M, doubt: boolean) => Promise<Position>;
  /** All or none. */
  readonly many: (messages: readonly M[]) => Promise<readonly Position[]>;
  /** After a failed batch: may it have been stored nevertheless? */
  readonly mayBeStored: (cause: unknown) => boolean;
  /** The server's `max_payload`. */
  readonly maxPayload: () => number;
}

interface Ready<M extends Outgoing> {
  readonly message: M;
  readonly size: number;
  readonly resolve: (position: Position) => void;
  readonly reject: (cause: unknown) => void;
}

export interface Committer<M extends Outgoing = Outgoing> {
  submit(message: M): Promise<Position>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

/**
 * Group commit. A lone message leaves at once, by itself; while enough is in flight, what becomes
 * ready gathers and leaves as a group, in one atomic batch when it is large enough for that to pay. No timers: an acknowledgement is what sends the next.
 */
export function committer<M extends Outgoing>(ways: Ways<M>, options: CommitterOptions): Committer<M> {
  let ready: Ready<M>[] = [];
  let flying = 0;
  let admitted = 0;
  let flushing = false;
  const outside: (() => void)[] = [];
  const idlers: (() => void)[] = [];

  const flush = (): void => {
    flushing = false;
    while (flying < options.inFlight && ready.length > 0) {
      const { taken, left } = take(ready, options, ways.maxPayload());
      ready = left;
      flying++;
      void fly(taken);
    }
  };
  // All that becomes ready in this turn of the event loop shares a batch.
  const wake = (): void => {
    if (!flushing && ready.length > 0 && flying < options.inFlight) {
      flushing = true;
      setImmediate(flush);
    }
  };
  const fly = async (batch: readonly Ready<M>[]): Promise<void> => {
    await send(ways, options, batch);
    flying--;
    wake();
  };
  const leave = (): void => {
    const next = outside.shift();
    if (next !== undefined) return next();
    admitted--;
    if (admitted === 0) for (const resolve of idlers.splice(0)) resolve();
  };

  return {
    submit: async (message) => {
      if (admitted < options.waiting) admitted++;
      else await new Promise<void>((resolve) => outside.push(resolve));
      try {
        return await new Promise<Position>((resolve, reject) => {
          ready.push({ message, size: sizeOf(message), resolve, reject });
          wake();
        });
      } finally {
        leave();
      }
    },
    idle: () => (admitted === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
  };
}

/** The next batch: in order, one per actor, within the bounds. What does not fit waits for a later one. */
function take<M extends Outgoing>(ready: readonly Ready<M>[], options: CommitterOptions, maxPayload: number): { taken: Ready<M>[]; left: Ready<M>[] } {
  const taken: Ready<M>[] = [];
  const left: Ready<M>[] = [];
  const actors = new Set<ActorName>();
  let bytes = 0;
  let alone = false;
  for (const item of ready) {
    const bulky = item.size + batchOverhead > maxPayload;
    const fits = !alone && !bulky && taken.length < options.batchSize && bytes + item.size <= options.batchBytes;
    if (!actors.has(item.message.actor) && (fits || taken.length === 0)) {
      taken.push(item);
      bytes += item.size;
      alone = bulky;
    } else {
      left.push(item);
    }
    actors.add(item.message.actor);
  }
  return { taken, left };
}

/** Never rejects: every message of the batch gets its own answer. */
async function send<M extends Outgoing>(ways: Ways<M>, options: CommitterOptions, batch: readonly Ready<M>[]): Promise<void> {
  const singly = async (doubt: boolean): Promise<void> => {
    await Promise.all(batch.map((item) => ways.one(item.message, doubt).then(item.resolve, item.reject)));
  };
  if (batch.length < Math.max(2, options.batchMin)) return singly(false);
  try {
    const positions = await ways.many(batch.map((item) => item.message));
    positions.forEach((position, index) => batch[index]?.resolve(position));
  } catch (cause) {
    await singly(ways.mayBeStored(cause));
  }
}
