
/** A command nobody could handle, as it is kept. */
export interface DeadLetter {
  /** Deterministic: the same message dead-lettered twice is one letter. */
  readonly id: string;
  readonly type: string;
  readonly actorId: string;
  /** The subject it came on, as published. */
  readonly subject: string;
  readonly commandId: string;
  readonly code: string;
  readonly reason: string;
  readonly hint?: string;
  readonly deliveries: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came, so that a retry sends the same bytes. */
  readonly body: Uint8Array;
}

export interface DeadLetters {
  /** Durable when it resolves; idempotent by `id`. */
  put(letter: DeadLetter): Promise<void>;
  list(): Promise<readonly DeadLetter[]>;
  get(id: string): Promise<DeadLetter | undefined>;
  /** Publish it again to its subject under a fresh command id, then drop it. */
  retry(id: string): Promise<void>;
  drop(id: string): Promise<void>;
}
