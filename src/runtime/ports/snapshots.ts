import type { Json } from '../../kernel/json.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Position } from './log.ts';

/** An actor's state as its log said it at one record whose effects are done, so that a long log need not be folded from its start. */
export interface Snapshot {
  /** The record it was taken after, and where that one lies. */
  readonly seq: number;
  readonly position: Position;
  /** What `freeze` gave. */
  readonly state: Json;
}

/**
 * The latest snapshot of each actor. A cache: any of it may be lost, old or broken, and only time is lost with it.
 * Every implementation passes `test/contract/snapshots.contract.ts`.
 */
export interface Snapshots {
  /** undefined: there is none that can be read. Never throws. */
  get(actor: ActorName): Promise<Snapshot | undefined>;
  /** Replaces what is there. @throws TerminalError `payload_too_large`; RetryableError `broker_gone`. */
  put(actor: ActorName, snapshot: Snapshot): Promise<void>;
  /** Idempotent. @throws RetryableError `broker_gone`. */
  drop(actor: ActorName): Promise<void>;
}
