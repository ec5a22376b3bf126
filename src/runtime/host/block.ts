import { MillraceError, TerminalError } from '../../kernel/errors.ts';
import type { LogRecord } from '../../kernel/record.ts';
import { isSameStamp } from '../../kernel/stamp.ts';
import type { BoardEntry } from '../../projections/board.ts';
import type { Cell, HostContext } from './context.ts';

/**
 * The actor cannot go on here: say so on the board, leave the log as it is, disturb nobody else. `records`: the
 * log, when it is the log that cannot be folded.
 */
export function block(host: HostContext, cell: Cell, cause: unknown, records?: readonly LogRecord[]): void {
  const { actor, definition } = cell;
  const error = cause instanceof MillraceError ? cause : new TerminalError('handler_failed', `${actor} cannot go on: ${String(cause)}`, { cause });
  const { seq, at } = records?.at(-1) ?? cell.state ?? { seq: 0, at: host.clock.now() };
  const last = records?.at(-1)?.machine;
  const writtenBy = last !== undefined && !isSameStamp(definition.stamp, last) ? last : undefined;
  cell.blocked = { error, taken: new Set(records?.map((record) => record.cause)), writtenBy };
  cell.stale = false;
  if (records !== undefined) cell.state = undefined;
  // Blocked here alone: it goes on there.
  if (writtenBy !== undefined && host.queue.isCarried?.(writtenBy) === true) return;
  host.track(say(host, { actor, status: 'blocked', value: error.message, seq, at }, error).catch((failure: unknown) => {
    host.logger.warn({ actor, error: String(failure) }, 'the board could not be written');
  }));
}

async function say(host: HostContext, entry: BoardEntry, { code, message }: MillraceError): Promise<void> {
  // Who has ended has nothing left to go on with.
  if (await endedAs(host, entry) !== undefined) return;
  host.logger.error({ actor: entry.actor, code, error: message }, 'the actor is blocked');
  await host.board.put(entry);
}

/** How the actor ended, as whoever wrote its log said on the board. */
export async function endedAs(host: HostContext, { actor, seq }: Pick<BoardEntry, 'actor' | 'seq'>): Promise<BoardEntry['status'] | undefined> {
  const line = await host.board.get(actor);
  return line?.seq === seq && ['completed', 'failed', 'cancelled'].includes(line.status) ? line.status : undefined;
}
