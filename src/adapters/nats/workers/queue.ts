import { hostname } from 'node:os';
import { nuid } from '@nats-io/transport-node';
import type { Carried, CommandQueue, Consuming } from '../../../runtime/ports/queue.ts';
import type { Logger } from '../../../runtime/logger.ts';
import type { Broker } from '../broker.ts';
import { onDisconnect, onReconnect } from '../reconnect.ts';
import { consumeCarried } from '../queue/carried.ts';
import { consumerTimes, natsQueue, type QueueOptions } from '../queue/queue.ts';
import { workersBucket } from './bucket.ts';
import { dutiesOf, ownersOf, type Knowledge } from './duties.ts';
import { carries, partitionsOf, type CarriedMachine, type WorkerEntry } from './entry.ts';
import { join } from './membership.ts';
import { sharesOf, type Shares, type SharesOptions } from './shares.ts';

export interface WorkerQueueOptions extends QueueOptions {
  /** What the worker carries, for the others and for people to see. */
  readonly machines: readonly CarriedMachine[];
  /** Without a sign of life for so long a worker is taken for dead, and its partitions pass on. Default 3,000. */
  readonly leaseMs?: number | undefined;
  /** Shown to people only. */
  readonly concurrency?: number | undefined;
  readonly logger: Logger;
}

export const defaultLeaseMs = 3_000;

export interface WorkerQueue extends CommandQueue {
  /** After the last delivery is settled: the next workers may begin. Call it before the connection is closed; waits for a second at most. */
  handedOver(): Promise<void>;
}

const handedOverMs = 1_000;

/**
 * The queue of one of many workers: each consumes its even share of the partitions of the types it carries, and
 * the shares move as workers come and go. Server 2.14 or newer.
 *
 * Order: one actor's commands come in the order they were stored, to one worker at a time, also when a
 * worker dies (what it had comes back first) and when a partition is passed on: the next one gets nothing
 * before what the last one has in hand is settled. It is not waited for longer than 700 ms; work that takes longer
 * goes on where it is, and the expected sequence of the actor's log decides between the two.
 */
export function workerQueue(broker: Broker, options: WorkerQueueOptions): WorkerQueue {
  const all: Shares[] = [];
  const others: Others = { living: [] };
  return {
    ...natsQueue(broker, options),
    consume: (types, onDelivery, hasRoom, carried = []) => share(broker, options, types, { onDelivery, hasRoom }, { carried, all, others }),
    isCarried: (definition) => others.living.some((worker) => carries(worker, definition)),
    async handedOver() { await Promise.all(all.map((shares) => shares.finished(handedOverMs))); },
  };
}

/** The other workers that lived when they were last looked at. */
interface Others { living: readonly WorkerEntry[] }

interface Sharing {
  readonly carried: readonly Carried[];
  readonly all: Shares[];
  readonly others: Others;
}

async function share(broker: Broker, options: WorkerQueueOptions, types: readonly string[], receiver: Pick<SharesOptions, 'onDelivery' | 'hasRoom'>, { carried, all, others }: Sharing): Promise<Consuming> {
  const { leaseMs = defaultLeaseMs, logger, concurrency } = options;
  const machines = types.map((type) => options.machines.find(({ name }) => name === type) ?? { name: type, version: '', hash: '' });
  const fixed = { id: nuid.next(), host: hostname(), pid: process.pid, startedAt: Date.now(), leaseMs, machines, ...(concurrency === undefined ? {} : { concurrency }) };
  const warn = (error: unknown, what: string): void => logger.warn({ worker: fixed.id, error: String(error) }, what);
  let known: Knowledge | undefined;
  let announce = (): void => {};
  let isCurrent = (): boolean => true;
  // The first time we enter is the first epoch.
  let epoch = (): number => 1;
  const guard = { mayPull: () => isCurrent(), epoch: () => epoch() };
  const shares = sharesOf(broker, { times: consumerTimes(options), ...receiver, ...guard, onChange: () => announce() });
  all.push(shares);
  const self = (): WorkerEntry => ({ ...fixed, serves: partitionsOf(shares.serves()), finishes: partitionsOf(shares.finishes()) });
  let first: Promise<void>[] | undefined = [];

  function decide(workers: readonly WorkerEntry[], died: ReadonlySet<string>): void {
    const before = known ?? { owners: ownersOf(workers.filter(({ id }) => id !== fixed.id), types, broker.partitions), heirOf: new Map() };
    const duties = dutiesOf(fixed.id, workers, died, before, ownersOf(workers, types, broker.partitions));
    known = duties;
    others.living = workers.filter(({ id }) => id !== fixed.id);
    const serves = shares.serves();
    const drops = [...serves].filter((post) => !duties.ours.has(post));
    const takes = [...duties.ours].filter((post) => !serves.has(post));
    const resets = new Set(duties.resets);
    if (drops.length > 0 || takes.length > 0) logger.info({ worker: fixed.id, workers: workers.length, died: [...died], takes, drops }, 'partitions are shared anew');
    const work = [
      ...drops.map((post) => shares.drop(post)),
      ...takes.map((post) => shares.take(post, resets.has(post))),
      ...[...resets].filter((post) => serves.has(post)).map((post) => shares.reset(post)),
    ];
    if (first !== undefined) first.push(...work);
    else for (const each of work) void each.catch((error: unknown) => warn(error, 'a partition could not be taken over yet'));
    if (work.length > 0) announce();
  }

  const membership = await join(broker, workersBucket(broker, Math.max(defaultLeaseMs, leaseMs), Math.min(1_000, Math.floor(leaseMs / 4))), {
    leaseMs, self, onWorkers: decide, onTrouble: (error) => warn(error, 'the other workers cannot be told that this one lives'),
  });
  ({ isCurrent, announce, epoch } = membership);
  const watching = [onReconnect(broker.nc, () => shares.kickAll()), onDisconnect(broker.nc, () => shares.revokeAll())];
  let held: Consuming | undefined;
  const stop = async (): Promise<void> => {
    for (const end of watching) end();
    await Promise.all([membership.leave(), shares.stop(), held?.stop()]);
  };
  let stopped: Promise<void> | undefined;
  try {
    const starting = first;
    first = undefined;
    await Promise.all(starting);
    held = await consumeCarried(broker, consumerTimes(options), carried, receiver.onDelivery, { hasRoom: receiver.hasRoom, ...guard });
  } catch (error) {
    await stop();
    throw error;
  }
  membership.announce();
  return { stop: () => (stopped ??= stop()) };
}
