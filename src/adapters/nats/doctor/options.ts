import type { NodeConnectionOptions } from '@nats-io/transport-node';

export interface DoctorOptions {
  /** The data folder of a server that `millrace dev` or `millrace server` runs, if there is one. */
  readonly dataDir?: string;
  /** Monitoring addresses of the servers, as `http://127.0.0.1:8222`. */
  readonly monitors?: readonly string[];
  /** How to connect as a user of the system account. */
  readonly system?: NodeConnectionOptions;
  /** Also time an append, in a stream of its own that is removed again. */
  readonly append?: boolean;
  /** This machine's clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}
