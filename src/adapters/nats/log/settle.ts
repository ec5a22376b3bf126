import { setTimeout as pause } from 'node:timers/promises';
import { JetStreamApiCodes, type JetStreamManager } from '@nats-io/jetstream';
import { RetryableError } from '../../../kernel/errors.ts';
import { AppendConflict } from '../../../runtime/ports/conflict.ts';
import type { Position } from '../../../runtime/ports/log.ts';
import { apiCode, isNoResponders, toMillraceError } from '../errors.ts';
import type { Link } from './link.ts';
import { publishOne, type Target } from '../group-commit/wire.ts';
import type { EncodedRecord } from './codec.ts';

/** An append on its way: the record, and where its actor's log must end for it to be stored. */
export interface Append extends EncodedRecord {
  readonly after: Position;
}

export interface Settling extends Target {
  readonly jsm: JetStreamManager;
  readonly link: Link;
  /** Milliseconds an append is tried for before it gives up. */
  readonly patienceMs: number;
  readonly isClosing: () => boolean;
}

/**
 * One append, to the end. While an earlier attempt may have been stored (`doubt`), the message that
 * follows `after` on the subject decides, read from the stream's leader: there is one at most, and it
 * is ours or it is not. An attempt that arrives late is harmless, as its expectation no longer holds.
 * @throws AppendConflict, RetryableError (`log_unavailable`, `broker_full`), TerminalError.
 */
export async function appendOne(to: Settling, append: Append, doubt: boolean): Promise<Position> {
  const deadline = performance.now() + to.patienceMs;
  for (let attempt = 0, unsure = doubt; ; attempt++) {
    try {
      const stored = unsure ? await readBack(to, append) : undefined;
      return stored ?? await to.link.guard(() => publishOne(to, append));
    } catch (cause) {
      if (cause instanceof AppendConflict) throw cause;
      if (apiCode(cause) === JetStreamApiCodes.StreamWrongLastSequence) {
        if (!unsure) throw new AppendConflict(append.actor, append.after, { cause });
      } else if (!isTransient(cause)) {
        throw toMillraceError(cause, `append to ${append.actor}`);
      }
      unsure ||= !isNoResponders(cause);
      if (to.isClosing() || to.nc.isClosed() || performance.now() > deadline) throw unavailable(append, to, cause);
      await pause(Math.min(1000, 25 * 2 ** Math.min(attempt, 6)));
    }
  }
}

/** Where it is stored, undefined when nothing follows `after`. @throws AppendConflict when another record does. */
async function readBack(to: Settling, append: Append): Promise<Position | undefined> {
  const following = { seq: append.after + 1, next_by_subj: append.subject };
  const next = await to.link.guard(() => to.jsm.streams.getMessage(to.stream, following));
  if (next === null) return undefined;
  const isOurs = identity.every((name) => next.header.get(name) === append.headers.find(([key]) => key === name)?.[1]);
  if (isOurs) return next.seq;
  throw new AppendConflict(append.actor, append.after);
}

const identity = ['Millrace-Chain', 'Millrace-Seq', 'Millrace-Cause'];

/**
 * Another try may help. 10164: another append to the same subject is being decided; a stream that is
 * not found may be one that a starting server has not loaded yet.
 */
export function isTransient(cause: unknown): boolean {
  const code = apiCode(cause);
  return code === JetStreamApiCodes.StreamWrongLastSequenceUnknown || code === JetStreamApiCodes.StreamNotFound
    || toMillraceError(cause, 'append').code === 'broker_gone';
}

function unavailable(append: Append, to: Settling, cause: unknown): RetryableError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RetryableError('log_unavailable',
    `The append to ${append.actor} could not be settled within ${Math.round(to.patienceMs / 1000)} s (${why}); it may or may not be stored.`,
    { hint: 'Read the actor again: it tells whether the record is there. Check that nats-server runs.', cause });
}
