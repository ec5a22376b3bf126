import type { TerminalError } from '../../kernel/errors.ts';
import type { ActorName, LogRecord } from '../../kernel/record.ts';

/** Where an actor's last record lies in the broker. 0: no record yet. The log adapter's private business. */
export type Position = number;

export interface ActorLog {
  readonly records: readonly LogRecord[];
  readonly position: Position;
}

/** Told of messages that are no records (`bad_record`); a reader of many actors skips them. */
export interface BadRecords {
  onBad?: (error: TerminalError) => void;
}

/** The truth: one append-only log per actor. Every implementation passes `test/contract/log.contract.ts`. */
export interface EventLog {
  /**
   * Append one record after `after`. Durable when it resolves.
   * @throws AppendConflict (retryable): somebody else extended the actor; nothing was stored.
   * @throws TerminalError `payload_too_large`: says the size, the limit and the way out.
   * @throws RetryableError `log_unavailable`: nothing is known to be stored; reading back tells.
   */
  append(record: LogRecord, after: Position): Promise<Position>;
  /**
   * The whole log of one actor, or its tail from record `fromSeq` on. Reads its own writes. `near`: the position of
   * record `fromSeq` or of one before it, so that what lies before need not be passed over.
   * @throws TerminalError `bad_record`: something in this actor's log is no record.
   */
  read(actor: ActorName, fromSeq?: number, near?: Position): Promise<ActorLog>;
  /** Every record of every actor, or of this one, up to the moment of the call, in the broker's order: one after the other, however many. One wide consumer. */
  readAll(options?: { actor?: ActorName } & BadRecords): AsyncIterable<LogRecord>;
  /** Records as they come, after `fromStart` the old ones first; ends when `signal` aborts. */
  follow(options: { actor?: ActorName; fromStart?: boolean; signal: AbortSignal } & BadRecords): AsyncIterable<LogRecord>;
}
