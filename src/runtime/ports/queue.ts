import type { ActorName, MachineStamp } from '../../kernel/record.ts';
import type { JsonObject } from '../../kernel/json.ts';

/** A wish on its way to `<prefix>.cmd.<type>.<id>.<command>`. */
export interface OutgoingCommand {
  readonly to: ActorName;
  readonly command: string;
  readonly body: JsonObject;
  /** Stable id: the same wish sent twice is taken once. Goes out as `Nats-Msg-Id`. */
  readonly id: string;
  readonly by?: string;
  /** Subject the verdict is answered to. Header `Millrace-Reply`. */
  readonly reply?: string;
  readonly traceparent?: string;
}

/** A command that comes back when it is due. Setting the same (actor, name) again replaces it. */
export interface ScheduledCommand extends OutgoingCommand {
  /** One subject token: `<prefix>.timer.<type>.<id>.<name>`. */
  readonly name: string;
  /** Milliseconds since the epoch; a past moment is due at once. */
  readonly due: number;
}

/** One command as it came. Nothing of it is trusted yet. */
export interface Delivery {
  readonly type: string;
  readonly actorId: string;
  readonly command: string;
  /** The command's id: `Millrace-Command-Id`, else `Nats-Msg-Id`, else derived from its place in the stream, the same on every redelivery. */
  readonly id: string;
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** 1 the first time; not to be trusted after a consumer reset. */
  readonly deliveries: number;
  /** Done with: never comes back. Resolves when the server has it. */
  ack(): Promise<void>;
  /** Still being worked on: not to be redelivered yet. */
  extend(): void;
  /** Let it come back after `delayMs`: the host could not load or commit. */
  retry(delayMs: number): void;
  /**
   * True once another worker gets this actor's commands, and may be going on with it: what is in memory here may be
   * old. What was begun is still ours to finish and to settle. Absent where partitions do not move.
   */
  isPassedOn?(): boolean;
  /**
   * Aborts once its message, whose partition was passed on, may have come to the other worker too: nothing more of it is to
   * be begun or settled here. One signal for all that came of a partition. Absent where partitions do not move.
   */
  readonly revoked?: AbortSignal;
  /**
   * Store it for workers that carry, or resume from, the definition that wrote the actor's log. True: it is stored
   * there, and this delivery is to be acknowledged. False: that is where it came from; given back, it goes to another
   * of those workers first. @throws RetryableError `broker_gone`.
   */
  handOver(definition: MachineStamp): Promise<boolean>;
  /** Whether somebody settled it elsewhere: its message is in the queue no more. @throws RetryableError `broker_gone`. */
  isGone(): Promise<boolean>;
}

/** A definition as the queue knows it: which logs its worker can go on with. */
export interface Carried {
  readonly stamp: MachineStamp;
  /** Versions of it. */
  readonly resumesFrom: readonly string[];
}

export interface Consuming {
  /**
   * Take nothing new, and give back what is not handed over yet. What was handed over stays the
   * receiver's to settle; once it is, the next consumer takes over at once.
   */
  stop(): Promise<void>;
}

/** Commands and timers. Every implementation passes `test/contract/queue.contract.ts`. */
export interface CommandQueue {
  /** How often a delivery that is still being worked on must be extended: well within the acknowledgement wait. */
  readonly extendEveryMs: number;
  /** Durable when it resolves. */
  send(command: OutgoingCommand): Promise<void>;
  schedule(command: ScheduledCommand): Promise<void>;
  /** Idempotent; one that is already due may still come. */
  cancelSchedule(actor: ActorName, name: string): Promise<void>;
  /**
   * Deliver the commands of these actor types; one actor's in order. While `hasRoom` says no, nothing more is asked
   * for: what is on its way still comes, the rest waits in the broker. Also what was handed over to those who carry,
   * or resume from, the definitions `carried`.
   */
  consume(types: readonly string[], onDelivery: (delivery: Delivery) => void, hasRoom?: () => boolean, carried?: readonly Carried[]): Promise<Consuming>;
  /** Whether another living worker goes on with what this definition wrote, so far as is known here. Absent: nothing is known of others. */
  isCarried?(definition: MachineStamp): boolean;
  /** Hand every malformed subject under `<prefix>.cmd.>` to `onDelivery`, whatever type it names. */
  consumeMalformed(onDelivery: (delivery: Delivery) => void): Promise<Consuming>;
  /** Answer a verdict to a `Millrace-Reply` subject; nobody listening is normal. */
  reply(subject: string, body: JsonObject): void;
}
