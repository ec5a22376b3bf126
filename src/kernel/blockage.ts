import type { Json } from './json.ts';
import type { ActorState, Blockage } from './state.ts';
import { stateText } from './state-text.ts';
import { contextIn, eventsOf, statusIn, tagsIn, valueIn } from './xstate.ts';

/** Why the actor cannot go on by itself: it is in a state tagged `blocked`, or a child has told that it is. */
export function blockageOf(state: ActorState): Blockage | undefined {
  const { actor, snapshot, children } = state;
  if (statusIn(snapshot) !== 'active') return undefined;
  if (tagsIn(snapshot).includes('blocked')) {
    return { actor, reason: reasonIn(contextIn(snapshot)) ?? `it is in ${stateText(valueIn(snapshot))}`, commands: eventsOf(snapshot, 'blocked') };
  }
  return Object.values(children).find(({ blocked }) => blocked !== undefined)?.blocked;
}

/** A chart says it in its context, as sagas do: `blocked: { step?, error: { message } }`. */
function reasonIn(context: Json): string | undefined {
  const { blocked } = (context ?? {}) as { readonly blocked?: { readonly step?: unknown; readonly error?: { readonly message?: unknown } } | null };
  const message = blocked?.error?.message;
  if (typeof message !== 'string') return undefined;
  return typeof blocked?.step === 'string' ? `the undo of "${blocked.step}" failed: ${message}` : message;
}
