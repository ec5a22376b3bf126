import type { Definition } from './definition.ts';
import type { ActorState } from './state.ts';
import { contextOf } from './status.ts';

/** Where a request stands. It leaves `pending` once, in the record that brings about what was asked for, or that rules it out. */
export type RequestState = 'pending' | 'completed' | 'failed';

/** A wish of a person for an actor, and what became of it. Plain JSON; lives in the actor's context. */
export interface ControlRequest {
  /** The id of the command that asked. */
  readonly id: string;
  readonly command: string;
  /** Who asked. */
  readonly by?: string;
  /** The public nkey with which it was signed; absent: who asked is what the sender said. */
  readonly signedBy?: string;
  readonly reason?: string;
  /** When it was accepted, ms since the epoch. */
  readonly at: number;
  readonly state: RequestState;
  /** What there was when it was accepted, such as steps done and steps to undo. */
  readonly counts: Readonly<Record<string, number>>;
  /** When it was settled, ms since the epoch. */
  readonly settledAt?: number;
  /** What became of it, a sentence. */
  readonly detail?: string;
  /** Of a failed one: why, for scripts. */
  readonly code?: string;
}

/** The requests an actor remembers: the pending ones, and those settled last. */
export const requestsIn = (definition: Definition, state: ActorState | undefined): readonly ControlRequest[] =>
  state === undefined ? [] : definition.requests?.(contextOf(state)) ?? [];

/** The request that this command made, while the actor remembers it. */
export const requestOf = (definition: Definition, state: ActorState | undefined, id: string): ControlRequest | undefined =>
  requestsIn(definition, state).find((request) => request.id === id);

/** The pending request that a command which cannot be taken now would only repeat. */
export const pendingRequest = (definition: Definition, state: ActorState, command: string): ControlRequest | undefined =>
  requestsIn(definition, state).findLast((request) => request.command === command && request.state === 'pending');
