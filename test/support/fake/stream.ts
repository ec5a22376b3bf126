import type { Clock } from '../../../src/runtime/ports/clock.ts';

/** A stored message; `holder` has it and has not acknowledged it. */
export interface Message {
  readonly seq: number;
  /** As published, under `<prefix>.cmd.`. */
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly group: string;
  deliveries: number;
  holder: Consumer | undefined;
  notBefore: number;
  disarm: () => void;
}

/** One client's interest. `pulling` ends when it stops or dies. */
export interface Consumer {
  pulling: boolean;
  readonly wants: (message: Pick<Message, 'group'>) => boolean;
  readonly hasRoom: () => boolean;
  readonly take: (message: Message) => void;
  readonly onLost: (message: Message) => void;
  /** Nothing more is to be done here of what it holds of this group. */
  readonly onRevoked: (group: string) => void;
}

export interface StreamOptions {
  readonly clock: Clock;
  readonly ackWaitMs: number;
  readonly priorityTimeoutMs: number;
}

/** How soon a client without room is looked at again. */
const crowdedMs = 20;

/** A work queue with pinned clients, as JetStream keeps one: the state behind every fake connection. */
export function fakeStream({ clock, ackWaitMs, priorityTimeoutMs }: StreamOptions) {
  const messages = new Map<number, Message>();
  const consumers = new Set<Consumer>();
  const pins = new Map<string, Consumer>();
  let seq = 0;
  let pumping = false;
  let down = false;

  const pump = (): void => {
    if (pumping) return;
    pumping = true;
    queueMicrotask(() => {
      pumping = false;
      if (down) return;
      for (const message of messages.values()) offer(message);
    });
  };
  const offer = (message: Message): void => {
    if (message.holder !== undefined || message.notBefore > clock.now()) return;
    const consumer = pins.get(message.group) ?? pin(message);
    if (consumer === undefined || !consumer.pulling) return;
    if (!consumer.hasRoom()) return lookAgain();
    message.holder = consumer;
    message.deliveries++;
    hold(message);
    consumer.take(message);
  };
  let looking = false;
  const lookAgain = (): void => {
    if (looking) return;
    looking = true;
    clock.after(crowdedMs, () => { looking = false; pump(); });
  };
  const pin = (message: Message): Consumer | undefined => {
    const load = (consumer: Consumer): number => [...pins.values()].filter((each) => each === consumer).length;
    const [chosen] = [...consumers].filter((each) => each.pulling && each.wants(message)).sort((a, b) => load(a) - load(b));
    if (chosen !== undefined) pins.set(message.group, chosen);
    return chosen;
  };
  const hold = (message: Message): void => {
    message.disarm();
    message.disarm = clock.after(ackWaitMs, () => release(message, 0));
  };
  const release = (message: Message, delayMs: number): void => {
    if (!messages.has(message.seq)) return;
    message.disarm();
    const { holder } = message;
    message.holder = undefined;
    message.notBefore = clock.now() + delayMs;
    if (holder !== undefined) holder.onLost(message);
    if (delayMs > 0) message.disarm = clock.after(delayMs, pump);
    else pump();
  };
  const unpin = (consumer: Consumer): void => {
    for (const [group, pinned] of pins) if (pinned === consumer) pins.delete(group);
    pump();
  };

  return {
    nextSeq: (): number => ++seq,
    /** Every stored command, in the stream's order. */
    messages: (): readonly Message[] => [...messages.values()],
    store(message: Pick<Message, 'subject' | 'headers' | 'body' | 'group'>): number {
      const at = ++seq;
      messages.set(at, { ...message, seq: at, deliveries: 0, holder: undefined, notBefore: 0, disarm: () => {} });
      pump();
      return at;
    },
    remove(message: Message): void {
      message.disarm();
      messages.delete(message.seq);
    },
    /** Start the acknowledgement wait anew. */
    extend: (message: Message): void => { if (message.holder !== undefined) hold(message); },
    release,
    join(consumer: Consumer): void { consumers.add(consumer); pump(); },
    /** It pulls no more. The server keeps its pins for the priority time-out, unless it is unpinned. */
    leave(consumer: Consumer): void {
      consumer.pulling = false;
      if (consumers.delete(consumer)) clock.after(priorityTimeoutMs, () => unpin(consumer));
    },
    unpin,
    /** Does another client get this group's messages now? */
    isPassedOn: (group: string, consumer: Consumer): boolean => (pins.get(group) ?? consumer) !== consumer,
    groups: (): readonly string[] => [...new Set([...pins.keys(), ...[...messages.values()].map(({ group }) => group)])].sort(),
    /** The pin goes to another client; what the old one has in hand stays with it. False: there is no other. */
    move(group: string): boolean {
      const next = [...consumers].find((each) => each.pulling && each !== pins.get(group) && each.wants({ group }));
      if (next === undefined) return false;
      pins.set(group, next);
      pump();
      return true;
    },
    /** What passed on is revoked where it is still held. */
    revoke(): void {
      for (const { holder, group } of messages.values()) if (holder !== undefined && (pins.get(group) ?? holder) !== holder) holder.onRevoked(group);
    },
    /** It hears nothing more for a while; unless it hears again soon, its pins go to others. */
    silence(consumer: Consumer): void {
      consumer.pulling = false;
      clock.after(priorityTimeoutMs, () => { if (!consumer.pulling && consumers.has(consumer)) unpin(consumer); });
    },
    hear(consumer: Consumer): void {
      if (!consumers.has(consumer)) return;
      consumer.pulling = true;
      pump();
    },
    /** Everything that is delivered and not acknowledged comes again, each after `delayMs()`, and counts from 1. */
    reset(delayMs: () => number): void {
      for (const message of messages.values()) {
        message.deliveries = 0;
        if (message.holder !== undefined) release(message, delayMs());
      }
      pins.clear();
      pump();
    },
    isDown: (): boolean => down,
    setDown(value: boolean): void { down = value; pump(); },
  };
}

export type FakeStream = ReturnType<typeof fakeStream>;
