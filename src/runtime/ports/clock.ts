/** The host's only source of time: virtual in tests. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Run `fire` once after `ms`; returns how to cancel. Any delay, however long. */
  after(ms: number, fire: () => void): () => void;
}
