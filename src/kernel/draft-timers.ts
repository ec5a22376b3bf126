import { settled } from './canonical.ts';
import { entryWhere, nextId, put, takeBack, type Draft } from './draft.ts';
import { TerminalError } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { EffectId } from './record.ts';
import type { PendingTimer } from './state.ts';
import { anonymousTimerName, timerName } from './timer-names.ts';

export type Event = JsonObject & { readonly type: string };

/** @throws TerminalError `event_not_json`. */
export const settledEvent = (event: { readonly type: string }): Event =>
  settled(event, 'event_not_json', `the event "${event.type}"`) as Event;

/** Sets a timer; one of the same name is replaced. Any delay, however long. @throws TerminalError `bad_delay`. */
export function setTimer(draft: Draft, wanted: { readonly id: string | undefined; readonly type: string; readonly delay: number; readonly means: PendingTimer['means'] }): void {
  const { id, type, delay, means } = wanted;
  const timer = id === undefined ? anonymousTimerName(type, nextId(draft)) : timerName(id);
  const due = draft.turn.at + Math.max(0, Math.round(delay));
  if (!Number.isSafeInteger(due)) {
    throw new TerminalError('bad_delay', `the delay of "${timer}" is ${delay}`, { hint: 'a delay is a finite number of milliseconds' });
  }
  // The new one takes the place of one that is cancelled right before: cancelling it as well would be too much.
  draft.effects = draft.effects.filter((effect) => !(effect.kind === 'timer.cancel' && effect.timer === timer));
  const replaced = entryWhere(draft.work.timers, (pending) => pending.timer === timer);
  if (replaced !== undefined) {
    delete draft.work.timers[replaced[0]];
    takeBack(draft, replaced[0]);
  }
  draft.work.timers[put(draft, { kind: 'timer.set', timer, due })] = { timer, due, means };
}

/** XState's `cancel(id)`: nothing when no such timer is pending. */
export function cancelById(draft: Draft, id: string): void {
  const pending = entryWhere(draft.work.timers, ({ timer }) => timer === timerName(id));
  if (pending !== undefined) cancelTimer(draft, pending[0], pending[1].timer);
}

export function cancelTimer(draft: Draft, target: EffectId, timer: string): void {
  delete draft.work.timers[target];
  if (!takeBack(draft, target)) put(draft, { kind: 'timer.cancel', timer, target });
}
