import { AckPolicy, type ConsumerConfig } from '@nats-io/jetstream';
import type { MachineStamp } from '../../../kernel/record.ts';
import type { Broker } from '../broker.ts';
import { apiCode } from '../errors.ts';
import { shortHash } from '../names.ts';

/** The one priority group of every consumer. */
export const group = 'worker';

export interface ConsumerSpec {
  readonly stream: string;
  readonly name: string;
  readonly filter: string;
  readonly ackWaitMs: number;
  readonly priorityTimeoutMs: number;
  /** What it knows outlives a restart of the server. */
  readonly isOnDisk?: boolean;
  /** The server forgets a consumer that nobody has asked for so long. Absent: never. */
  readonly forgetAfterMs?: number;
}

/** How patient the server is with who consumes. Milliseconds. */
export type ConsumerTimes = Pick<ConsumerSpec, 'ackWaitMs' | 'priorityTimeoutMs'>;

/** The consumer of one partition of one actor type. */
export const workConsumer = ({ names }: Broker, times: ConsumerTimes, type: string, partition: number): ConsumerSpec =>
  ({ stream: names.streams.commands, name: `${type}_${partition}`, filter: names.work(partition, type), ...times });

const dayMs = 24 * 60 * 60 * 1_000;

/**
 * The consumer of what was handed over to those who carry one definition. Definitions come and go: what waits outlives it.
 * On disk, because nobody owns it: made anew after a restart it would give to another worker what one is still at.
 */
export const heldConsumer = ({ names }: Broker, times: ConsumerTimes, { name, version, hash }: MachineStamp): ConsumerSpec =>
  ({ stream: names.streams.commands, isOnDisk: true, name: `${name}_held_${version}_${shortHash(hash)}`, filter: names.heldFor({ name, version, hash }), forgetAfterMs: dayMs, ...times });

const existsAlready = 10148;

/**
 * Make the durable consumer, or leave it as it is. One client at a time gets its messages.
 *
 * What it knows is kept in memory: on disk the server would rewrite each consumer's state ten times a second. The
 * stream itself says what is still to be done, so after a restart of the server the consumer is made anew, and
 * everything that was not acknowledged comes again at once, counted from one. One made by an older version stays on disk.
 */
export async function addConsumer(broker: Broker, spec: ConsumerSpec): Promise<void> {
  const { jsm } = broker;
  const config = configOf(spec);
  if (spec.isOnDisk) return void await jsm.consumers.add(spec.stream, config);
  await jsm.consumers.add(spec.stream, { ...config, mem_storage: true }).catch((cause: unknown) => {
    if (apiCode(cause) !== existsAlready) throw cause;
    return jsm.consumers.add(spec.stream, config);
  });
}

function configOf(spec: ConsumerSpec): Partial<ConsumerConfig> {
  return {
    durable_name: spec.name,
    filter_subject: spec.filter,
    ack_policy: AckPolicy.Explicit,
    ack_wait: spec.ackWaitMs * 1e6,
    // The host decides what is a dead letter; the server never gives up on a message.
    max_deliver: -1,
    max_ack_pending: 20_000,
    priority_groups: [group],
    priority_policy: 'pinned_client',
    priority_timeout: spec.priorityTimeoutMs * 1e6,
    ...(spec.forgetAfterMs === undefined ? {} : { inactive_threshold: spec.forgetAfterMs * 1e6 }),
  };
}
