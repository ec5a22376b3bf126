import type { AnyStateMachine } from 'xstate';
import type { z } from 'zod';
import type { Json, JsonObject } from './json.ts';
import type { ControlRequest } from './request.ts';
import type { ActorName, EffectId, MachineStamp } from './record.ts';
import type { SecretReference } from './secret.ts';

/** What an activity's code is given. At least once: use `key` so that a second run is harmless. */
export interface ActivityScope<Input = Json> {
  readonly input: Input;
  /** Aborted when the chart no longer wants the result, or the worker shuts down. */
  readonly signal: AbortSignal;
  readonly actor: ActorName;
  /** The incarnation: this run of this invoke, and no other. */
  readonly effect: EffectId;
  /** `<actor>#<effect>`: the same after every crash. Hand it on as the idempotency key. */
  readonly key: string;
  /** Tell people how far it is. Best effort, never stored in the log. */
  readonly progress: (message: string, percent?: number) => void;
  /**
   * The value that a reference stands for, of this worker's variable MILLRACE_SECRET_<name>. It is masked in what the
   * activity returns, throws and tells. @throws RetryableError `no_such_secret`: another worker may have it.
   */
  readonly secret: (reference: SecretReference) => string;
  /** The host's clock, ms since the epoch: virtual in tests. */
  readonly now: () => number;
  /**
   * Let `ms` pass by the host's clock. Meanwhile the activity counts as running, but takes none of the worker's
   * places (`concurrency`); it has one again when this resolves. Rejects with the signal's reason when aborted.
   */
  readonly wait: (ms: number) => Promise<void>;
}

/** Why a command is refused, in the machine's own words. `code` is stable, snake_case. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** Asked when the chart cannot take the command, or has ended; undefined when there is nothing to say beyond that. Pure. */
export type RefusalWords = (asked: { readonly context: Json; readonly value: Json; readonly data: JsonObject }) => Refusal | undefined;

export type ActivityCode = (scope: ActivityScope<never>) => Promise<unknown>;

/** A machine made durable: made by `defineMachine`, which checks everything that can be checked early. */
export interface Definition {
  readonly stamp: MachineStamp;
  /** Earlier versions whose logs this definition goes on with. */
  readonly resumesFrom: readonly string[];
  readonly machine: AnyStateMachine;
  /** The command that creates an actor of this type. */
  readonly createdBy: string;
  /** What the creating command's body must be. */
  readonly input: z.ZodType | undefined;
  /** What other commands' bodies must be; a command not named here takes any JSON object. */
  readonly commands: Readonly<Record<string, z.ZodType>>;
  /** Words for a refused command, by its name. */
  readonly refusals: Readonly<Record<string, RefusalWords>>;
  /** The requests in a context, oldest first. Undefined: the machine keeps none. */
  readonly requests: ((context: Json) => readonly ControlRequest[]) | undefined;
  /** As a child it can be paused: it takes `stop` and `start` with `tell` from its parent at any time, and answers each with `request-settled`. */
  readonly answersParent: boolean;
  /** What an actor of it may end with when all goes well; undefined when none is known. For who asks "what if": nothing is decided by it. */
  readonly example?: (() => Json | undefined) | undefined;
  /** Likewise what an activity or a child gives, by the `src` name that invokes use. */
  readonly exampleOutput?: ((src: string) => Json | undefined) | undefined;
  /** Code by the `src` name that invokes use. */
  readonly activities: Readonly<Record<string, ActivityCode>>;
  /** Child machines by the `src` name that invokes use: the actor type they are registered under. */
  readonly children: Readonly<Record<string, string>>;
  /** Named actions with an implementation: `action.run` effects. */
  readonly actions: Readonly<Record<string, (scope: { readonly context: unknown; readonly event: unknown }, params: unknown) => unknown>>;
}

/** The verdict on a command, before anything is stored. */
export type Verdict =
  /** `repeats`: the very thing is under way already. Nothing is recorded; the answer is that request. */
  | { readonly accepted: true; readonly repeats?: ControlRequest }
  | { readonly accepted: false; readonly code: string; readonly reason: string; readonly value: Json; readonly allowed: readonly string[] };
