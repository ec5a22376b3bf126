import { createInbox, type Msg } from '@nats-io/transport-node';
import type { Broker } from '../broker.ts';
import { toMillraceError } from '../errors.ts';
import { addConsumer, group, type ConsumerSpec } from './consumer.ts';

/** Messages asked for at a time. */
const batch = 256;
const retryMs = 250;
/** How soon a receiver without room is looked at again. */
const crowdedMs = 20;
/** After so many requests in a row that brought nothing the pin is let go of, and one request waits for long. */
const quietRequests = 5;
const restMs = 5_000;

export interface Puller {
  /** Ask again at once: the connection is back. */
  kick(): void;
  /**
   * Ask for nothing more. What is still on its way goes to `onMessage` when it is to be finished here, else it is
   * returned, in the order it came.
   */
  stop(finish: boolean): Promise<readonly Msg[]>;
  /** Let go of the partition, so that another client need not wait for the priority time-out. */
  unpin(): Promise<void>;
}

export interface PullHandlers {
  readonly onMessage: (message: Msg) => void;
  /** False: ask for nothing now, and drop what comes; it is somebody else's by now, or comes back after the acknowledgement wait. */
  readonly mayPull?: (() => boolean) | undefined;
  /** False: the receiver has more than enough; nothing is asked for until it has room again. */
  readonly hasRoom?: (() => boolean) | undefined;
}

/**
 * Keep one pull request open at one durable consumer, for as long as it takes: through time-outs, lost
 * pins, restarts of the server and a consumer that was deleted. By hand, because the client's own loop
 * cannot ask for less than a second, give back what it has fetched, or make a lost consumer anew.
 */
export async function pull(broker: Broker, spec: ConsumerSpec, handlers: PullHandlers): Promise<Puller> {
  const { nc } = broker;
  // Shorter than the priority time-out, or the pin is lost and regained for ever.
  // Short, since whoever stops waits for the end of its last request.
  const pinnedMs = Math.max(100, Math.min(200, Math.floor(spec.priorityTimeoutMs / 2)));
  const { mayPull = () => true, hasRoom = () => true } = handlers;
  const next = `$JS.API.CONSUMER.MSG.NEXT.${spec.stream}.${spec.name}`;
  let stopping = false;
  let parking = false;
  let pin: string | undefined;
  let left = 0;
  let asked = 0;
  let quiet = 0;
  /** The request at the server: `rest` may bring one message and a pin we do not know of yet. */
  let open: 'no' | 'rest' | 'pinned' = 'no';
  let onEnd = (): void => {};
  const late: Msg[] = [];
  let timer: NodeJS.Timeout | undefined;

  await addConsumer(broker, spec).catch((cause: unknown) => { throw toMillraceError(cause, `consume from ${spec.stream}`); });
  const inbox = createInbox();
  const subscription = nc.subscribe(`${inbox}.*`, { callback: (error, message) => {
    if (error !== null && error !== undefined) return later(repair);
    if (message.subject.startsWith(inbox)) return onStatus(message);
    pin = message.headers?.get('Nats-Pin-Id') || pin;
    left--;
    if (left <= 0) ended();
    if (parking) return void late.push(message);
    if (!mayPull()) return;
    quiet = 0;
    handlers.onMessage(message);
    if (left <= 0) ask();
  } });

  function ask(): void {
    if (stopping || nc.isClosed()) return;
    if (!mayPull()) {
      pin = undefined;
      return later(ask);
    }
    if (!hasRoom()) return later(ask, crowdedMs);
    asked++;
    open = pin === undefined ? 'rest' : 'pinned';
    // Without a pin one message is enough: it brings the pin. Such a request costs nothing while it waits.
    left = pin === undefined ? 1 : batch;
    const expiresMs = pin === undefined ? restMs : pinnedMs;
    const request = { batch: left, expires: expiresMs * 1e6, group, ...(pin === undefined ? {} : { id: pin }) };
    try {
      nc.publish(next, JSON.stringify(request), { reply: `${inbox}.${asked}` });
    } catch { /* the connection is closing: nothing will ever come */ }
    // The server answers every request in time; one it never got must not be waited for.
    later(repair, expiresMs + 2 * retryMs);
  }
  function ended(): void {
    open = 'no';
    onEnd();
  }
  function later(run: () => void, ms = retryMs): void {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  }
  function repair(): void {
    if (stopping || nc.isClosed()) return;
    pin = undefined;
    addConsumer(broker, spec).then(ask, () => later(repair));
  }
  function onStatus(message: Msg): void {
    if (message.subject !== `${inbox}.${asked}`) return;
    ended();
    if (stopping) return;
    const code = message.headers?.code;
    // Somebody else was given the partition.
    if (code === 423) pin = undefined;
    if (code === 408 && pin !== undefined && ++quiet >= quietRequests) void unpin().then(ask);
    else if (code === 404 || code === 408 || code === 423) ask();
    else later(repair);
  }

  async function unpin(): Promise<void> {
    if (pin === undefined || nc.isClosed()) return;
    pin = undefined;
    await broker.jsm.consumers.unpin(spec.stream, spec.name, group).catch(() => undefined);
  }

  ask();
  return {
    unpin,
    kick() { if (!stopping) { pin = undefined; ask(); } },
    /**
     * While a request with our pin is at the server, going away would make it take back what it sent us last
     * before what it sent us first. So the request's end is waited for.
     */
    async stop(finish) {
      stopping = true;
      parking = !finish;
      clearTimeout(timer);
      if (open === 'pinned' && !nc.isClosed()) await atMost(pinnedMs + retryMs, new Promise<void>((resolve) => { onEnd = resolve; }));
      if (open === 'rest') pin ??= 'unknown';
      await atMost(1_000, subscription.drain().catch(() => undefined));
      return late;
    },
  };
}

const atMost = (ms: number, work: Promise<unknown>): Promise<unknown> => Promise.race([work, new Promise((resolve) => { setTimeout(resolve, ms).unref(); })]);
