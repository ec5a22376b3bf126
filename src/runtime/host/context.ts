import type { Definition } from '../../kernel/definition.ts';
import type { MillraceError } from '../../kernel/errors.ts';
import type { ActorName, EffectId, FactData, FactType, MachineStamp } from '../../kernel/record.ts';
import type { ActorState } from '../../kernel/state.ts';
import type { Logger } from '../logger.ts';
import type { Board } from '../ports/board.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeadLetters } from '../ports/dead.ts';
import type { Identities } from '../ports/identities.ts';
import type { EventLog, Position } from '../ports/log.ts';
import type { CommandQueue, Delivery } from '../ports/queue.ts';
import type { Signals } from '../ports/signals.ts';
import type { Snapshots } from '../ports/snapshots.ts';

/** Everything a host touches. */
export interface HostParts {
  readonly definitions: readonly Definition[];
  readonly log: EventLog;
  readonly queue: CommandQueue;
  readonly dead: DeadLetters;
  readonly board: Board;
  readonly signals: Signals;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The value of a secret by its name, as this worker was given it. Absent: it has none. */
  readonly secrets?: (name: string) => string | undefined;
  /** Absent: who asks is what the sender says. */
  readonly identities?: Identities;
  /** Absent: every load folds the whole log. */
  readonly snapshots?: Snapshots;
  /** Records between two snapshots of an actor that goes on and on; one that leaves memory gets one for a quarter as many. Default 200. */
  readonly snapshotEvery?: number;
  /** How many actors at rest stay in memory. Default 10,000. */
  readonly cacheSize?: number;
  /** How many deliveries wait in all mailboxes before no more are asked for. Default 4,096. */
  readonly intake?: number;
  /** How many deliveries one actor's mailbox holds; new wishes beyond that are turned away. Default 1,000. */
  readonly mailboxSize?: number;
  /** How long an actor at rest stays in memory, ms. Default 30,000. */
  readonly idleMs?: number;
}

/** A fact the host found out itself: an activity ended, a timer is due, a child ended. */
export type Fact = { readonly [T in FactType]: { readonly type: T; readonly data: FactData[T] } }[FactType];

export type Input =
  | { readonly kind: 'delivery'; readonly delivery: Delivery; /** When it came. */ readonly at: number }
  | { readonly kind: 'fact'; readonly fact: Fact; readonly cause: string; readonly effect: EffectId };

/** `taken`: the causes in a log that could not be folded. What has one of them is work in flight. */
export interface Blocked {
  readonly error: MillraceError;
  readonly taken: ReadonlySet<string>;
  /** Another definition, which wrote the log: whoever carries it can go on. */
  readonly writtenBy: MachineStamp | undefined;
}

/** `ledTo`: the record it led to, or one before that where only so much is known; 0: none. */
export type Held = Delivery & { readonly ledTo: number };

/** One actor in memory: its state, its mailbox, and what it has going on in this process. */
export interface Cell {
  readonly actor: ActorName;
  readonly definition: Definition;
  state: ActorState | undefined;
  position: Position;
  loaded: boolean;
  /** It was taken for new once, without reading: not a second time. */
  guessed: boolean;
  /** Why the actor cannot go on here; its log stays readable. */
  blocked: Blocked | undefined;
  /** How many records the log had when it was loaded: later ones were appended by this process. */
  loadedSeq: number;
  /** The record the last snapshot was taken after; 0: there is none. */
  snapshotSeq: number;
  /** When it last came to rest. Milliseconds since the epoch. */
  restingSince: number;
  /** Of this record and those after it, effects that people notice were repeated since the load; once is enough. */
  redoneFrom: number;
  readonly mailbox: Input[];
  busy: boolean;
  /** Its work may be in another worker's hands: nothing is begun here until one of its commands comes to us again. */
  leftOff: boolean;
  /** How many times it is being settled: deliveries are about to be acknowledged. */
  settling: number;
  /** Ids of deliveries whose acknowledgement is due or on its way, or was not answered. */
  readonly parting: Set<string>;
  /** Deliveries taken and not acknowledged: what brings the actor back should this process die. */
  held: Held[];
  /** The last ends of timers and children that this process recorded, and where. */
  readonly facts: { readonly type: string; readonly cause: string; readonly seq: number }[];
  readonly running: Map<EffectId, AbortController>;
  readonly timers: Map<EffectId, () => void>;
  /** The board does not yet say what `state` says, and no line that does is on its way. */
  stale: boolean;
  /** The board's last line: on its way, stored, or, when `stale` again, not stored. */
  writing: Promise<void> | undefined;
}

export interface HostContext extends Omit<HostParts, 'definitions'> {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly cells: Map<ActorName, Cell>;
  /** `stopping`: take nothing new, record no aborted work. `dead`: do nothing at all any more. */
  phase: 'running' | 'stopping' | 'dead';
  readonly enqueue: (cell: Cell, input: Input) => void;
  /** Work that nobody waits for, but a graceful stop does. */
  readonly track: (work: Promise<void>) => void;
  readonly boardDue: Set<Cell>;
  /** Revocations that are listened to. */
  readonly heeded: WeakSet<AbortSignal>;
  /** Deliveries in mailboxes, of all actors. */
  waiting: number;
}
