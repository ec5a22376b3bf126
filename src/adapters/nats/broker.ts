import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { toMillraceError } from './errors.ts';
import { namesFor, type Names } from './names.ts';

export interface BrokerOptions extends NodeConnectionOptions {
  /** Subject prefix; streams and buckets are named after it. Default `millrace`. */
  readonly prefix?: string;
  /** `memory` is for tests. Default `file`. */
  readonly storage?: 'file' | 'memory';
  /** How many partitions commands are spread over. Fixed when the stream is made. Default 16. */
  readonly partitions?: number;
}

/** One connection, with what every NATS adapter needs. */
export interface Broker {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly names: Names;
  readonly storage: 'file' | 'memory';
  readonly partitions: number;
  close(): Promise<void>;
}

/**
 * Connect; `ensureStreams` then sets the broker up. Once connected, it reconnects for ever.
 * @throws RetryableError `broker_gone`, TerminalError `no_permission`.
 */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const { prefix, storage = 'file', partitions = 16, ...connection } = options;
  const nc = await connect({ maxReconnectAttempts: -1, reconnectTimeWait: 250, name: 'millrace', noAsyncTraces: true, ...connection })
    .catch((cause: unknown) => { throw toMillraceError(cause, `connect to ${shown(connection.servers)}`); });
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  return { nc, js: jsm.jetstream(), jsm, names: namesFor(prefix), storage, partitions, close: () => nc.close() };
}

/** The addresses, without the user and password that a URL may carry. */
function shown(servers: string | string[] = 'the default address'): string {
  return [servers].flat().map((server) => server.replace(/^(\w+:\/\/)?[^@/]*@/, '$1')).join(', ');
}
