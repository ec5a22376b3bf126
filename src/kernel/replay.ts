import type { Definition } from './definition.ts';
import type { Effect } from './effect.ts';
import { TerminalError } from './errors.ts';
import { evolve, type Evolved } from './evolve.ts';
import type { LogRecord } from './record.ts';
import type { ActorState } from './state.ts';

/**
 * Fold records onto `from`, or from the start; the effects are those the last record asks for.
 * @throws TerminalError `empty_log` when there is neither a record nor a state; as `evolve`.
 */
export function fold(definition: Definition, records: readonly LogRecord[], from?: ActorState): Evolved {
  let now: { readonly state: ActorState | undefined; readonly effects: readonly Effect[] } = { state: from, effects: [] };
  for (const record of records) now = evolve(definition, now.state, record);
  const { state, effects } = now;
  if (state === undefined) throw new TerminalError('empty_log', 'there is no record to fold', { hint: 'a log begins with actor.created' });
  return { state, effects };
}

/** What the record with this cause asked for, and what of it is open now that the whole log is folded. */
export interface Asking {
  readonly state: ActorState;
  readonly effects: readonly Effect[];
  readonly open: readonly Effect[];
}

/** Fold the whole log; `effects` is empty when no record has that cause. @throws as {@link fold}. */
export function effectsOf(definition: Definition, records: readonly LogRecord[], cause: string): Asking {
  const at = records.findIndex((record) => record.cause === cause);
  const asking = at === -1 ? undefined : fold(definition, records.slice(0, at + 1));
  const { state } = fold(definition, records.slice(at + 1), asking?.state);
  const effects = asking?.effects ?? [];
  return { state, effects, open: effects.filter((effect) => isOpen(state, effect)) };
}

/**
 * May it still have to be done? What the log answers is answered from it; a message out (a command, an emit,
 * a word to the parent) leaves no trace in the log, so it is always open, and its id makes repeating harmless.
 */
function isOpen(state: ActorState, effect: Effect): boolean {
  switch (effect.kind) {
    case 'activity.start': return state.activities[effect.id] !== undefined;
    case 'child.start': return state.children[effect.id] !== undefined;
    case 'timer.set': return state.timers[effect.id] !== undefined;
    case 'activity.abort': return state.activities[effect.target] !== undefined;
    // A later timer of the same name stands where the cancelled one stood, and must stay.
    case 'timer.cancel': return Object.values(state.timers).every(({ timer }) => timer !== effect.timer);
    case 'child.stop': return !effect.awaited || state.children[effect.target] !== undefined;
    case 'command.send':
    case 'parent.tell':
    case 'parent.note':
    case 'event.emit':
    case 'action.run': return true;
  }
}
