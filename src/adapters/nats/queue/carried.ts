import type { MachineStamp } from '../../../kernel/record.ts';
import type { Carried, Consuming, Delivery } from '../../../runtime/ports/queue.ts';
import type { Broker } from '../broker.ts';
import { toMillraceError } from '../errors.ts';
import { onReconnect } from '../reconnect.ts';
import { consumeOne, type ConsumeOptions, type ConsumingOne } from './consume.ts';
import { heldConsumer, type ConsumerTimes } from './consumer.ts';

/** Who could do nothing with what waits for a definition lets others try for so long. */
const standAsideMs = 10_000;

/**
 * What was handed over to those who carry these definitions, or resume from what waits for. Each worker consumes its
 * own; of versions it resumes from it learns by what passes on their subjects, and what lies there already.
 */
export async function consumeCarried(broker: Broker, times: ConsumerTimes, carried: readonly Carried[], onDelivery: (delivery: Delivery) => void, options: ConsumeOptions): Promise<Consuming> {
  const { nc, names } = broker;
  const posts = new Map<string, Promise<ConsumingOne>>();
  const resting = new Map<string, NodeJS.Timeout>();
  let stopping = false;

  function join(definition: MachineStamp, isOwn: boolean): Promise<ConsumingOne> | undefined {
    const spec = heldConsumer(broker, times, definition);
    if (stopping || posts.has(spec.name) || resting.has(spec.name)) return posts.get(spec.name);
    const onStays = isOwn ? undefined : (): void => { standAside(definition, spec.name); };
    const post = consumeOne(broker, spec, onDelivery, { ...options, ...(onStays === undefined ? {} : { onStays }) });
    posts.set(spec.name, post);
    post.catch(() => posts.delete(spec.name));
    return post;
  }
  function standAside(definition: MachineStamp, name: string): void {
    const post = posts.get(name);
    if (post === undefined) return;
    posts.delete(name);
    resting.set(name, setTimeout(() => {
      resting.delete(name);
      void look().catch(() => undefined);
    }, standAsideMs));
    void post.then((consuming) => consuming.stop(), () => undefined);
  }

  const earlier = carried.flatMap(({ stamp: { name }, resumesFrom }) => resumesFrom.map((version) => ({ name, version })));
  /** `held.<type>.<version>.<hash>` of a subject. */
  const definitionIn = (subject: string): MachineStamp => {
    const [name = '', version = '', hash = ''] = subject.slice(`${names.prefix}.held.`.length).split('.');
    return { name, version, hash };
  };
  const listening = earlier.map((definition) => nc.subscribe(names.heldFor(definition), {
    callback: (_error, message) => { void join(definitionIn(message.subject), false)?.catch(() => undefined); },
  }));
  /** What lies there already, or passed while we were away. */
  async function look(): Promise<void> {
    for (const definition of earlier) {
      const { state } = await broker.jsm.streams.info(names.streams.commands, { subjects_filter: names.heldFor(definition) });
      for (const subject of Object.keys(state.subjects ?? {})) void join(definitionIn(subject), false)?.catch(() => undefined);
    }
  }

  const stopWatching = onReconnect(nc, () => {
    for (const post of posts.values()) void post.then((consuming) => consuming.kick(), () => undefined);
    void look().catch(() => undefined);
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping = true;
    stopWatching();
    for (const subscription of listening) subscription.unsubscribe();
    for (const timer of resting.values()) clearTimeout(timer);
    await Promise.all([...posts.values()].map((post) => post.then((consuming) => consuming.stop(), () => undefined)));
  };
  const consuming: Consuming = { stop: () => (stopped ??= stop()) };
  try {
    await Promise.all([...carried.map(({ stamp }) => join(stamp, true)), look()]);
  } catch (cause) {
    await consuming.stop();
    throw toMillraceError(cause, 'consume what was handed over');
  }
  return consuming;
}
