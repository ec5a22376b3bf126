import type { Definition } from '../kernel/definition.ts';
import type { Json } from '../kernel/json.ts';
import type { ActorName } from '../kernel/record.ts';
import { blockageOf } from '../kernel/blockage.ts';
import type { ActorState, Blockage, Status } from '../kernel/state.ts';
import { contextOf, hasEnded, statusOf, valueOf, waitingFor, type Awaited } from '../kernel/status.ts';
import { reasonIn } from './reason.ts';

/** One line of `millrace ls`. */
export interface BoardEntry {
  readonly actor: ActorName;
  readonly status: Status;
  /** The chart's state value. */
  readonly value: Json;
  readonly seq: number;
  /** Milliseconds since the epoch, of the last record. */
  readonly at: number;
  /** Who needs a person, it or a child of it, why, and which commands that one takes for it. */
  readonly blocked?: Blockage;
  /** What it cannot go on without, and until when; the first few of them, none when it has ended. */
  readonly waitingFor?: readonly Awaited[];
  /** Of the first record, ms since the epoch. */
  readonly createdAt?: number;
  /** Whose child it is. */
  readonly parent?: ActorName;
  /** Children that have not ended. */
  readonly children?: readonly ActorName[];
  /** Why it did not come to a good end, as far as its chart says. */
  readonly reason?: string;
  /** It goes on, and will fail: so much is promised. */
  readonly failing?: { readonly exitStatus: number; readonly reason?: string };
}

/** A line names so many things that are awaited; `show` has all. */
const named = 4;

/** An actor's state as its line on the board. Pure. */
export function boardEntry(definition: Definition, state: ActorState): BoardEntry {
  const failing = hasEnded(state) ? undefined : promiseIn(contextOf(state));
  const { actor, seq, at, createdAt, parent } = state;
  const status = statusOf(definition, state);
  const reason = hasEnded(state) && status !== 'completed' ? reasonIn(contextOf(state)) : undefined;
  const blocked = blockageOf(state);
  const awaited = waitingFor(state).slice(0, named);
  const children = Object.values(state.children).map((child) => child.actor);
  return {
    actor, status, value: valueOf(state), seq, at, createdAt,
    ...(awaited.length === 0 ? {} : { waitingFor: awaited }),
    ...(blocked === undefined ? {} : { blocked }), ...(parent === undefined ? {} : { parent: parent.actor }),
    ...(children.length === 0 ? {} : { children }), ...(failing === undefined ? {} : { failing }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A run says `promised`, a saga whose child is such a run `failing`; other charts promise nothing. */
function promiseIn(context: Json): BoardEntry['failing'] {
  const { promised, failing = promised } = (context ?? {}) as { readonly promised?: BoardEntry['failing'] | null; readonly failing?: BoardEntry['failing'] };
  if (typeof failing !== 'object' || failing === null || typeof failing.exitStatus !== 'number') return undefined;
  const { exitStatus, reason } = failing;
  return { exitStatus, ...(reason === undefined ? {} : { reason }) };
}
