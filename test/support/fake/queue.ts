import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import type { MachineStamp } from '../../../src/kernel/record.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { namesFor } from '../../../src/adapters/nats/names.ts';
import { addressOf, commandHeaders, commandId, header, headersToHandOver, requireAddress } from '../../../src/adapters/nats/queue/wire.ts';
import type { Clock } from '../../../src/runtime/ports/clock.ts';
import type { CommandQueue, Consuming, Delivery, OutgoingCommand } from '../../../src/runtime/ports/queue.ts';
import { fakeStream, type Consumer, type FakeStream, type Message } from './stream.ts';

export interface FakeQueueOptions {
  readonly prefix?: string;
  /** Default 5,000. */
  readonly ackWaitMs?: number;
  /** How long a dead client keeps its partitions. Default 2,000. */
  readonly priorityTimeoutMs?: number;
  /** How long the server remembers ids. Default two minutes. */
  readonly dedupeMs?: number;
  /** Bytes of a body. Default 1 MiB. */
  readonly maxPayload?: number;
  readonly partitions?: number;
  /** How late a schedule fires; the real server is up to 250 ms late. Default 0. A function is asked for each one. */
  readonly lateMs?: number | (() => number);
  /** Deliveries say when their partition has passed on to another client, as those of workers that share partitions do. */
  readonly tellsPassedOn?: boolean;
}

export interface FakeSchedule { readonly subject: string; readonly target: string; readonly due: number; readonly id: string }

/** One connection to a queue in memory, with the real one's semantics, in the clock's time. */
export interface FakeQueue extends CommandQueue {
  /** Another connection to the same queue: a second worker. */
  connect(): FakeQueue;
  /** This connection dies: it hears and says nothing more; what it held comes back after the acknowledgement wait. */
  crash(): void;
  /** Nothing gets through while the broker is down: calls fail with `broker_gone`, deliveries wait. */
  setDown(down: boolean): void;
  /** This connection is cut: calls fail, nothing is delivered to it, and its partitions pass on; later it is back, as it was. */
  setCut(cut: boolean): void;
  /** What a broker may do to its clients at any moment. */
  readonly upsets: FakeUpsets;
  /** Publish as anyone with a NATS client would. */
  publish(subject: string, body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<void>;
  /** Commands that are stored: waiting, or delivered and not acknowledged. */
  stored(): readonly Message[];
  schedules(): readonly FakeSchedule[];
  /** Every verdict answered, oldest first, on any connection. */
  readonly replies: readonly { readonly subject: string; readonly body: JsonObject }[];
}

export interface FakeUpsets {
  /** `<type> <partition>`, of all that are pinned or have messages. */
  groups(): readonly string[];
  /** The partition passes on while its client goes on with what it has in hand. False: nobody else would take it. */
  move(group: string): boolean;
  /** Whoever finishes something that passed on hears that others may get it: the connection dropped, or the next owner died. */
  revoke(): void;
  /** As if the acknowledgement wait were over. */
  redeliver(message: Message, delayMs: number): void;
  /** All consumers are made anew: everything not acknowledged comes again, each message after `delayMs()`. */
  reset(delayMs: () => number): void;
}

interface Shared {
  readonly clock: Clock;
  readonly options: Required<FakeQueueOptions>;
  readonly stream: FakeStream;
  readonly seen: Map<string, number>;
  readonly schedules: Map<string, FakeSchedule & { readonly cancel: () => void }>;
  readonly replies: { subject: string; body: JsonObject }[];
}

export function fakeQueue(clock: Clock, given: FakeQueueOptions = {}): FakeQueue {
  const options = {
    prefix: 'millrace', ackWaitMs: 5000, priorityTimeoutMs: 2000, dedupeMs: 120_000,
    maxPayload: 1024 * 1024, partitions: 4, lateMs: 0, tellsPassedOn: false, ...given,
  };
  return connection({ clock, options, stream: fakeStream({ clock, ...options }), seen: new Map(), schedules: new Map(), replies: [] });
}

const encoder = new TextEncoder();

function connection(shared: Shared): FakeQueue {
  const { clock, options, stream, schedules } = shared;
  const names = namesFor(options.prefix);
  const consumers = new Set<Consumer>();
  const lateMs = (): number => (typeof options.lateMs === 'number' ? options.lateMs : options.lateMs());
  let dead = false;
  let cut = false;
  const isGone = (): boolean => dead || cut;

  const reach = async (): Promise<void> => {
    await Promise.resolve();
    if (isGone() || stream.isDown()) throw new RetryableError('broker_gone', 'The broker did not answer.');
  };
  const sized = (subject: string, body: string | Uint8Array): Uint8Array => {
    const bytes = typeof body === 'string' ? encoder.encode(body) : body;
    if (bytes.length <= options.maxPayload) return bytes;
    throw new TerminalError('payload_too_large', `The body for ${subject} is ${bytes.length} bytes; the broker takes ${options.maxPayload}.`);
  };
  const publish = async (subject: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<void> => {
    const bytes = sized(subject, body);
    await reach();
    const id = headers[header.messageId];
    if (id !== undefined) {
      if ((shared.seen.get(id) ?? -Infinity) > clock.now()) return;
      shared.seen.set(id, clock.now() + options.dedupeMs);
    }
    stream.store({ subject, headers, body: bytes, group: groupOf(options, subject) });
  };
  const start = (interest: Interest, onDelivery: (delivery: Delivery) => void): Consuming => {
    const { consumer, consuming } = consume(shared, interest, onDelivery, isGone);
    consumers.add(consumer);
    return consuming;
  };

  return {
    extendEveryMs: options.ackWaitMs / 3,
    replies: shared.replies,
    connect: () => connection(shared),
    crash() {
      dead = true;
      for (const consumer of consumers) stream.leave(consumer);
    },
    setDown: (down) => stream.setDown(down),
    setCut(value) {
      cut = value;
      for (const consumer of consumers) if (value) stream.silence(consumer); else stream.hear(consumer);
    },
    upsets: { groups: () => stream.groups(), move: (group) => stream.move(group), revoke: () => stream.revoke(), redeliver: (message, delayMs) => stream.release(message, delayMs), reset: (delayMs) => stream.reset(delayMs) },
    publish,
    stored: () => stream.messages(),
    schedules: () => [...schedules.values()],
    async send(command) {
      requireAddress(command.to, command);
      await publish(names.command(command.to, command.command), JSON.stringify(command.body), { ...commandHeaders(command), [header.messageId]: command.id });
    },
    async schedule(command) {
      requireAddress(command.to, { ...command, timer: command.name });
      const subject = names.timer(command.to, command.name);
      const target = names.command(command.to, command.command);
      const body = sized(subject, JSON.stringify(command.body));
      await reach();
      schedules.get(subject)?.cancel();
      stream.nextSeq();
      const cancel = clock.after(command.due + lateMs() - clock.now(), () => {
        schedules.delete(subject);
        stream.store({ subject: target, headers: timerHeaders(command, subject), body, group: groupOf(options, target) });
      });
      schedules.set(subject, { subject, target, due: command.due, id: command.id, cancel });
    },
    async cancelSchedule(actor, name) {
      requireAddress(actor, { timer: name });
      await reach();
      schedules.get(names.timer(actor, name))?.cancel();
      schedules.delete(names.timer(actor, name));
    },
    async consume(types, onDelivery, hasRoom = always, carried = []) {
      await reach();
      const wantsHeld = (group: string): boolean => carried.some(({ stamp, resumesFrom }) =>
        group === heldGroup(stamp) || resumesFrom.some((version) => group.startsWith(`held ${stamp.name} ${version} `)));
      return start({ hasRoom, wants: ({ group }) => types.some((type) => group.startsWith(`${type} `)) || wantsHeld(group) }, onDelivery);
    },
    async consumeMalformed(onDelivery) {
      await reach();
      return start({ hasRoom: always, wants: (message) => message.group === malformed }, onDelivery);
    },
    reply(subject, body) { if (!isGone() && !stream.isDown()) shared.replies.push({ subject, body }); },
  };
}

type Interest = Pick<Consumer, 'wants' | 'hasRoom'>;
const always = (): boolean => true;

function consume(shared: Shared, interest: Interest, onDelivery: (delivery: Delivery) => void, isGone: () => boolean) {
  const { options, stream } = shared;
  const held = new Set<Message>();
  const revocations = new Map<string, AbortController>();
  const revocationOf = (group: string): AbortSignal => {
    const one = revocations.get(group) ?? new AbortController();
    revocations.set(group, one);
    return one.signal;
  };
  const drop = (message: Message): void => {
    held.delete(message);
    if (held.size === 0 && !consumer.pulling && !isGone()) stream.unpin(consumer);
  };
  const deliver = (message: Message, revoked = revocationOf(message.group)): Delivery => ({
    ...addressOf(options.prefix, message.subject),
    id: commandId(message.headers, message.seq), body: message.body, headers: message.headers, deliveries: message.deliveries,
    async ack() {
      await Promise.resolve();
      if (isGone() || stream.isDown()) throw new RetryableError('broker_gone', 'The broker did not answer.');
      stream.remove(message);
      drop(message);
    },
    async handOver(definition) {
      const { type, actorId, command } = addressOf(options.prefix, message.subject);
      const group = heldGroup(definition);
      if (message.group === group) {
        stream.move(group);
        return false;
      }
      await Promise.resolve();
      if (isGone() || stream.isDown()) throw new RetryableError('broker_gone', 'The broker did not answer.');
      const id = commandId(message.headers, message.seq);
      stream.store({ subject: `${options.prefix}.cmd.${type}.${actorId}.${command}`, headers: headersToHandOver(message.headers, id, `held-${message.seq}`), body: message.body, group });
      return true;
    },
    async isGone() {
      await Promise.resolve();
      if (isGone() || stream.isDown()) throw new RetryableError('broker_gone', 'The broker did not answer.');
      return !stream.messages().includes(message);
    },
    extend() { if (!revoked.aborted && !isGone() && !stream.isDown()) stream.extend(message); },
    retry(delayMs) { if (!revoked.aborted && !isGone() && !stream.isDown()) stream.release(message, delayMs); },
    ...(options.tellsPassedOn ? { revoked, isPassedOn: () => stream.isPassedOn(message.group, consumer) } : {}),
  });
  const onRevoked = (group: string): void => {
    const revocation = revocations.get(group);
    revocations.delete(group);
    revocation?.abort();
  };
  const consumer: Consumer = { pulling: true, ...interest, onLost: drop, onRevoked, take(message) { held.add(message); onDelivery(deliver(message)); } };
  stream.join(consumer);
  const consuming: Consuming = {
    async stop() {
      await Promise.resolve();
      stream.leave(consumer);
      if (held.size === 0) stream.unpin(consumer);
    },
  };
  return { consumer, consuming };
}

const malformed = '_malformed';

const heldGroup = ({ name, version, hash }: MachineStamp): string => `held ${name} ${version} ${hash}`;

/** `<type> <partition>`, as the stream's transform decides. */
function groupOf(options: Required<FakeQueueOptions>, subject: string): string {
  const tokens = subject.slice(`${options.prefix}.cmd.`.length).split('.');
  if (tokens.length !== 3) return malformed;
  let hash = 0;
  for (const char of `${tokens[0]}/${tokens[1]}`) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return `${tokens[0]} ${hash % options.partitions}`;
}

/** What the server leaves on a message that a schedule emits. */
const timerHeaders = (command: OutgoingCommand, subject: string): Record<string, string> => ({
  ...commandHeaders(command), [header.commandId]: command.id, 'Nats-Scheduler': subject, 'Nats-Schedule-Next': 'purge',
});
