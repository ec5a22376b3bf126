import { settled } from './canonical.ts';
import { entriesOf, entryWhere, nextId, put, takeBack, type Draft } from './draft.ts';
import { cancelTimer } from './draft-timers.ts';
import { requireToken } from './names.ts';
import type { ActorName, EffectId } from './record.ts';
import type { RunningActivity, RunningChild } from './state.ts';

/** Starts an activity, or a child actor when a machine is registered under `src`. */
export function start(draft: Draft, { id, src, input }: { readonly id: string; readonly src: string; readonly input: unknown }): void {
  requireToken(id, 'bad_invoke_id', 'the id of a child');
  const given = settled(input ?? null, 'input_not_json', `the input of "${id}"`);
  const childType = draft.turn.definition.children[src];
  if (childType === undefined) {
    const effect = put(draft, { kind: 'activity.start', activity: id, src, input: given });
    draft.work.activities[effect] = { activity: id, src, input: given, aborting: false };
    return;
  }
  const actor = childName(draft, childType, id);
  draft.work.children[put(draft, { kind: 'child.start', child: id, actor, input: given })] = { child: id, actor };
}

/** A child's own name: the same on every replay, and no other invoke's. */
function childName(draft: Draft, childType: string, id: string): ActorName {
  const { actor } = draft.turn;
  return `${childType}/${actor.replace('/', '--')}--${id}--${nextId(draft).replace(':', '-')}`;
}

/** `awaited`: the chart stays where it is and waits for the end; else it has left, and what comes back is stale. */
export function stop(draft: Draft, id: string, awaited: boolean): void {
  const activity = entryWhere(draft.work.activities, (running) => running.activity === id);
  if (activity !== undefined) stopActivity(draft, activity, awaited);
  const child = entryWhere(draft.work.children, (running) => running.child === id);
  if (child !== undefined) stopChild(draft, child, awaited);
}

function stopActivity(draft: Draft, [target, running]: [EffectId, RunningActivity], awaited: boolean): void {
  if (awaited) {
    if (running.aborting) return;
    draft.work.activities[target] = { ...running, aborting: true };
  } else {
    delete draft.work.activities[target];
    if (takeBack(draft, target)) return;
  }
  put(draft, { kind: 'activity.abort', activity: running.activity, target, awaited });
}

function stopChild(draft: Draft, [target, { child, actor }]: [EffectId, RunningChild], awaited: boolean): void {
  if (!awaited) {
    delete draft.work.children[target];
    if (takeBack(draft, target)) return;
  }
  put(draft, { kind: 'child.stop', child, actor, target, awaited });
}

/** The chart has ended: nothing of it goes on. */
export function endAll(draft: Draft): void {
  for (const activity of entriesOf(draft.work.activities)) stopActivity(draft, activity, false);
  for (const child of entriesOf(draft.work.children)) stopChild(draft, child, false);
  for (const [id, { timer }] of entriesOf(draft.work.timers)) cancelTimer(draft, id, timer);
}
