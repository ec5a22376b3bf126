import { RetryableError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Position } from './log.ts';

/** Somebody else extended the actor since it was read. Nothing was stored: read again, decide again. */
export class AppendConflict extends RetryableError {
  readonly actor: ActorName;
  /** Where the append expected the actor's log to end. */
  readonly expected: Position;

  constructor(actor: ActorName, expected: Position, options: { cause?: unknown } = {}) {
    super('append_conflict', `Another writer extended ${actor} after position ${expected}; this append stored nothing.`,
      { hint: 'Read the actor again and decide anew.', ...options });
    this.actor = actor;
    this.expected = expected;
  }
}
