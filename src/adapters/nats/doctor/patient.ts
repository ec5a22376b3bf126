import { JetStreamApiCodes, type JetStreamAccountStats, type StreamInfo } from '@nats-io/jetstream';
import type { Broker } from '../broker.ts';
import { apiCode } from '../errors.ts';
import { once } from '../once.ts';
import { wantedStreams } from '../streams.ts';
import type { ServerFacts } from './facts.ts';
import type { DoctorOptions } from './options.ts';
import { serverFacts } from './servers.ts';

/** The broker under examination. What several checks ask for is asked once. */
export interface Patient {
  readonly broker: Broker;
  readonly options: DoctorOptions;
  readonly now: () => number;
  /** Rejects when JetStream does not answer. */
  readonly account: () => Promise<JetStreamAccountStats>;
  /** Millrace's streams that are there. */
  readonly streams: () => Promise<readonly StreamInfo[]>;
  /** What the servers say of themselves to those who may ask; empty when nobody may. */
  readonly servers: () => Promise<readonly ServerFacts[]>;
}

export function admit(broker: Broker, options: DoctorOptions): Patient {
  return {
    broker, options, now: options.now ?? Date.now,
    account: once(() => broker.jsm.getAccountInfo()),
    streams: once(async () => {
      const found = await Promise.all(wantedStreams(broker).map(({ name }) => find(broker, name)));
      return found.filter((info) => info !== undefined);
    }),
    servers: once(() => serverFacts(broker, options)),
  };
}

/** A stream, or undefined when there is none of that name. */
export function find({ jsm }: Broker, name: string, subjects?: string): Promise<StreamInfo | undefined> {
  return jsm.streams.info(name, subjects === undefined ? undefined : { subjects_filter: subjects }).catch((cause: unknown) => {
    if (apiCode(cause) === JetStreamApiCodes.StreamNotFound) return undefined;
    throw cause;
  });
}
