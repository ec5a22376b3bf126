import { MillraceError, TerminalError } from '../../kernel/errors.ts';
import type { LogRecord } from '../../kernel/record.ts';
import type { Cell, HostContext } from './context.ts';

/**
 * The actor cannot go on here: say so on the board, leave the log as it is, disturb nobody else. `records`: the
 * log, when it is the log that cannot be folded.
 */
export function block(host: HostContext, cell: Cell, cause: unknown, records?: readonly LogRecord[]): void {
  const { actor } = cell;
  const error = cause instanceof MillraceError ? cause : new TerminalError('handler_failed', `${actor} cannot go on: ${String(cause)}`, { cause });
  const { seq, at } = records?.at(-1) ?? cell.state ?? { seq: 0, at: host.clock.now() };
  cell.blocked = { error, taken: new Set(records?.map((record) => record.cause)) };
  cell.stale = false;
  if (records !== undefined) cell.state = undefined;
  host.logger.error({ actor, code: error.code, error: error.message }, 'the actor is blocked');
  host.board
    .put({ actor, status: 'blocked', value: error.message, seq, at })
    .catch((failure: unknown) => host.logger.warn({ actor, error: String(failure) }, 'the board could not be written'));
}
