import type { Definition } from './definition.ts';
import type { Effect } from './effect.ts';
import type { ActorName, EffectId } from './record.ts';
import type { ActorState } from './state.ts';

/** What an actor has going on: the part of its state that effects change. */
export type Work = Pick<ActorState, 'activities' | 'timers' | 'children'>;

/** The record whose effects are being worked out. */
export interface Turn {
  readonly definition: Definition;
  readonly actor: ActorName;
  readonly parent: ActorName | undefined;
  readonly seq: number;
  readonly at: number;
}

/** An effect before it has its id. */
export type Wanted = Effect extends infer E ? (E extends Effect ? Omit<E, 'id'> : never) : never;

/** The effects of one record in the making, and the actor's running work kept in step with them. */
export interface Draft {
  readonly turn: Turn;
  readonly work: { readonly [K in keyof Work]: { -readonly [Id in keyof Work[K]]: Work[K][Id] } };
  effects: Effect[];
  /** How many ids are given away. Taking an effect back leaves a gap. */
  count: number;
}

/** A draft that starts from this work, which it copies. */
export function draftFor(turn: Turn, before: Work): Draft {
  return { turn, work: { activities: { ...before.activities }, timers: { ...before.timers }, children: { ...before.children } }, effects: [], count: 0 };
}

/** The id the next effect gets. */
export const nextId = (draft: Draft): EffectId => `${draft.turn.seq}:${draft.count}`;

export function put(draft: Draft, effect: Wanted): EffectId {
  const id = nextId(draft);
  draft.count += 1;
  draft.effects.push({ ...effect, id });
  return id;
}

/** Was it asked for by this very record? Then nobody has begun it, and it is as if it never was. */
export function takeBack(draft: Draft, id: EffectId): boolean {
  const own = draft.effects.find((effect) => effect.id === id);
  if (own === undefined) return false;
  const sentToIt = (effect: Effect): boolean => own.kind === 'child.start' && effect.kind === 'command.send' && effect.to === own.actor;
  draft.effects = draft.effects.filter((effect) => effect !== own && !sentToIt(effect));
  return true;
}

export function entryWhere<T>(entries: Readonly<Record<EffectId, T>>, matches: (entry: T) => boolean): [EffectId, T] | undefined {
  return entriesOf(entries).find(([, entry]) => matches(entry));
}

export const entriesOf = <T>(entries: Readonly<Record<EffectId, T>>): [EffectId, T][] => Object.entries(entries) as [EffectId, T][];
