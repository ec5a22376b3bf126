import type { Json, JsonObject } from './json.ts';
import type { Taken } from './taken.ts';
import type { ActorName, EffectId, MachineStamp, ParentRef } from './record.ts';

/** XState's live snapshot. Only `kernel/xstate.ts` looks inside. */
export type Snapshot = { readonly __snapshot: unique symbol };

/** An activity the chart waits for. */
export interface RunningActivity {
  readonly activity: string;
  readonly src: string;
  readonly input: Json;
  /** Abort was asked for and its end is awaited: a host that finds it so does not run it again. */
  readonly aborting: boolean;
}

/** A timer the chart waits for. `means` is what happens when it fires. */
export interface PendingTimer {
  readonly timer: string;
  /** Milliseconds since the epoch. */
  readonly due: number;
  readonly means:
    | { readonly raise: JsonObject & { readonly type: string } }
    | { readonly send: { readonly to: ActorName; readonly command: string; readonly data: JsonObject } };
}

/** What keeps an actor from going on by itself: it, or a child of it, or a child's child. */
export type Blockage = Readonly<{
  /** Who needs a person. */
  actor: ActorName;
  reason: string;
  /** Commands that actor takes because it is blocked. */
  commands: readonly string[];
}>;

/** How an actor that has not ended stands, as far as its parent is told: it goes on, a person stopped it, or it is blocked. */
export type News = Readonly<{ is: 'on' | 'stopped' | 'blocked'; blocked?: Blockage }>;

export interface RunningChild {
  readonly child: string;
  readonly actor: ActorName;
  /** It has told that it is blocked, and not yet that it goes on. */
  readonly blocked?: Blockage;
  /** The child's record that told so last. */
  readonly heard?: number;
}

/**
 * The actor's envelope: everything its log says, folded. Immutable. All of it is plain JSON but
 * `snapshot` and `taken`; `freeze` and `thaw` translate those.
 */
export interface ActorState {
  readonly actor: ActorName;
  /** The definition that folded it. */
  readonly machine: MachineStamp;
  /** The definition that wrote the last record: an earlier one where an actor has just been resumed. */
  readonly writtenBy: MachineStamp;
  /** How many records the actor has. */
  readonly seq: number;
  /** The last record's `at`; `createdAt` is the first one's. */
  readonly at: number;
  readonly createdAt: number;
  /** The last record's `chain`. */
  readonly chain: string;
  readonly parent: ParentRef | undefined;
  readonly snapshot: Snapshot;
  readonly activities: Readonly<Record<EffectId, RunningActivity>>;
  readonly timers: Readonly<Record<EffectId, PendingTimer>>;
  readonly children: Readonly<Record<EffectId, RunningChild>>;
  readonly taken: Taken;
}

/** The `seq` of the record that took this command id, if one did. */
export function takenAt(state: ActorState | undefined, id: string): number | undefined {
  return state?.taken.at(id);
}

/** What people and scripts see of an actor's progress. `waiting`: nothing runs, something named is awaited. */
export type Status =
  | 'running' | 'waiting' | 'stopping' | 'stopped' | 'undoing'
  | 'completed' | 'failed' | 'cancelled' | 'blocked';
