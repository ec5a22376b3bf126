import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery } from '../../../runtime/ports/queue.ts';
import type { Broker } from '../broker.ts';
import { consumeOne, type ConsumingOne } from '../queue/consume.ts';
import { group, workConsumer, type ConsumerSpec, type ConsumerTimes } from '../queue/consumer.ts';
import { partsOf, type Post } from './entry.ts';

/** The partitions one worker consumes, and those it has passed on without having finished everything. */
export interface Shares {
  serves(): ReadonlySet<Post>;
  finishes(): ReadonlySet<Post>;
  /** Consume this partition. `reset`: everything its dead owner had not acknowledged comes back at once. */
  take(post: Post, reset: boolean): Promise<void>;
  /** Pass it on: what has come is finished here, the next worker gets the rest. */
  drop(post: Post): Promise<void>;
  /** Stop everything, and give back what was not handed over. */
  stop(): Promise<void>;
  /** Everything is settled and let go of; false after `limitMs`. */
  finished(limitMs: number): Promise<boolean>;
  /** Have come back at once what a dead worker had, in a partition that is ours already. */
  reset(post: Post): Promise<void>;
  kickAll(): void;
  /** Leave off what is still being finished of partitions that were passed on: the connection dropped, and when it is back others may get that. */
  revokeAll(): void;
}

export interface SharesOptions {
  readonly times: ConsumerTimes;
  readonly onDelivery: (delivery: Delivery) => void;
  readonly mayPull: () => boolean;
  readonly hasRoom?: (() => boolean) | undefined;
  readonly epoch: () => number;
  /** What is served or being finished has changed. */
  readonly onChange: () => void;
}

export function sharesOf(broker: Broker, options: SharesOptions): Shares {
  const { times, onDelivery, mayPull, hasRoom, epoch, onChange } = options;
  const serving = new Map<Post, Promise<ConsumingOne>>();
  const finishing = new Map<symbol, { readonly post: Post; readonly revoke: () => void }>();

  async function start(spec: ConsumerSpec, post: Post, reset: boolean, mark: symbol): Promise<ConsumingOne> {
    if (reset) await bringBack(broker, spec);
    return consumeOne(broker, spec, onDelivery, { mayPull, hasRoom, epoch, onDone: () => { if (finishing.delete(mark)) onChange(); } });
  }
  const marks = new Map<Post, symbol>();
  const specOf = (post: Post): ConsumerSpec => {
    const { type, partition } = partsOf(post);
    return workConsumer(broker, times, type, partition);
  };

  async function leave(post: Post, how: (consuming: ConsumingOne) => Promise<void>): Promise<void> {
    const started = serving.get(post);
    const mark = marks.get(post);
    if (started === undefined || mark === undefined) return;
    serving.delete(post);
    marks.delete(post);
    finishing.set(mark, { post, revoke: () => { void started.then((consuming) => { consuming.revoke(); }, () => undefined); } });
    const consuming = await started.catch(() => undefined);
    if (consuming === undefined) finishing.delete(mark);
    else await how(consuming);
  }

  return {
    serves: () => new Set(serving.keys()),
    finishes: () => new Set([...finishing.values()].map(({ post }) => post)),
    async take(post, reset) {
      if (serving.has(post)) return;
      const mark = Symbol(post);
      const started = start(specOf(post), post, reset, mark);
      serving.set(post, started);
      marks.set(post, mark);
      try {
        await started;
      } catch (error) {
        // Taken again when the workers are next looked at.
        if (marks.get(post) === mark) serving.delete(post);
        throw error;
      }
    },
    drop: (post) => leave(post, (consuming) => consuming.passOn()),
    async stop() {
      await Promise.all([...serving.keys()].map((post) => leave(post, (consuming) => consuming.stop())));
    },
    async finished(limitMs) {
      const end = performance.now() + limitMs;
      while (finishing.size > 0 && performance.now() < end) await pause(10);
      return finishing.size === 0;
    },
    reset: (post) => bringBack(broker, specOf(post)),
    revokeAll() { for (const { revoke } of finishing.values()) revoke(); },
    kickAll() {
      for (const started of serving.values()) void started.then((consuming) => consuming.kick(), () => undefined);
    },
  };
}

/** A consumer that nobody has made yet has nothing to bring back. The pin of the dead would hold it up. */
async function bringBack({ jsm }: Broker, { stream, name }: ConsumerSpec): Promise<void> {
  await jsm.consumers.unpin(stream, name, group).catch(() => undefined);
  await jsm.consumers.reset(stream, name).catch(() => undefined);
}
