import type { Json, JsonObject } from './json.ts';
import type { Failure } from './errors.ts';
import type { Blockage } from './state.ts';

/** `<type>/<id>`; each part is one NATS subject token of `a-z A-Z 0-9 - _`. */
export type ActorName = `${string}/${string}`;

/** `<seq>:<index>` of the record that asked for the effect; known before the record is appended. */
export type EffectId = `${number}:${number}`;

/** The definition that folded a record: a later worker compares it before it goes on. */
export interface MachineStamp {
  readonly name: string;
  readonly version: string;
  /** SHA-256 over the definition's shape, hex. */
  readonly hash: string;
}

/** One accepted fact in an actor's log. */
export interface LogRecord {
  readonly actor: ActorName;
  /** The record's place in its own actor's log, from 1; the same in a mirror or a restored backup. */
  readonly seq: number;
  /** Milliseconds since the epoch, read by the host when it accepted the fact. */
  readonly at: number;
  /** A command's name, or one of {@link FactData}'s keys. */
  readonly type: string;
  /** The id of the command, or the id of the effect, that led to this record. */
  readonly cause: string;
  /** Who asked, when a person or a program said so. */
  readonly by?: string;
  /** The public nkey (`U...`) whose signature of the command a worker has checked; `by` is then the name it is known by, and no mere claim. */
  readonly key?: string;
  readonly machine: MachineStamp;
  readonly data: JsonObject;
  /** SHA-256, hex, over the previous record's `chain` and this record. */
  readonly chain: string;
  /** W3C trace context, carried and not part of the chain. */
  readonly traceparent?: string;
}

/** The facts the host itself records. Every other record type is a command the chart accepted. */
export interface FactData {
  'actor.created': { readonly input: Json; readonly parent?: ParentRef };
  'activity.completed': { readonly activity: string; readonly effect: EffectId; readonly output: Json };
  'activity.failed': { readonly activity: string; readonly effect: EffectId; readonly error: Failure };
  'timer.fired': { readonly timer: string; readonly effect: EffectId };
  'child.completed': { readonly child: string; readonly effect: EffectId; readonly output: Json };
  'child.failed': { readonly child: string; readonly effect: EffectId; readonly error: Failure };
  /** `seq`: the child's record after which it was so. */
  'child.blocked': { readonly child: string; readonly effect: EffectId; readonly seq: number; readonly blocked: Blockage };
  'child.stopped': { readonly child: string; readonly effect: EffectId; readonly seq: number };
  'child.resumed': { readonly child: string; readonly effect: EffectId; readonly seq: number };
}

export type FactType = keyof FactData;

/** The parent's side of a child actor: whom to tell, and under which effect. */
export interface ParentRef {
  readonly actor: ActorName;
  readonly effect: EffectId;
}

/** Prefixes a command's name may not have: they are the host's facts, or XState's own events. */
export const reservedPrefixes = ['actor.', 'activity.', 'timer.', 'child.', 'xstate.'] as const;
