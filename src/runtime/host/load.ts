import type { Effect } from '../../kernel/effect.ts';
import { evolve } from '../../kernel/evolve.ts';
import type { LogRecord } from '../../kernel/record.ts';
import type { ActorState } from '../../kernel/state.ts';
import { AppendConflict } from '../ports/conflict.ts';
import { abortActivity, resumeActivities } from './activities.ts';
import type { Cell, HostContext } from './context.ts';
import { foldLog } from './fold.ts';
import { perform } from './perform.ts';
import { isSameStamp } from '../../kernel/stamp.ts';
import { armPending, disarmAll, setPending } from './timers.ts';

/** Effects that may be repeated without anybody noticing: what they send carries a stable id. */
const repeatable = new Set<Effect['kind']>(['timer.set', 'child.start', 'child.stop', 'command.send', 'parent.tell', 'parent.note']);
/** Effects somebody notices. Repeated only when a redelivery shows that they may be missing. */
const noticed = new Set<Effect['kind']>(['event.emit', 'action.run']);

/**
 * Fold the actor's log. A writer that died between its append and the effects left at most the last
 * record's effects undone, so those are done again here.
 */
export async function load(host: HostContext, cell: Cell): Promise<void> {
  if (cell.loaded) return;
  cell.blocked = undefined;
  const effects = await foldLog(host, cell);
  cell.loaded = true;
  cell.redoneFrom = Infinity;
  if (cell.blocked !== undefined) return;
  // Whoever appended the last record may not have lived to write the board's line.
  cell.stale = cell.state !== undefined;
  abortUnwanted(cell);
  // What an earlier definition had scheduled may have other names in this one.
  if (isResumed(cell)) await setPending(host, cell);
  else armPending(host, cell);
  await perform(host, cell, effects.filter((effect) => repeatable.has(effect.kind)));
  // Reloaded while we keep its delivery: what the log says is running is ours to run.
  if (cell.held.some((delivery) => delivery.isPassedOn?.() !== true)) resumeActivities(host, cell);
}

/** Its last record is another definition's. */
const isResumed = ({ state, definition }: Cell): boolean => state !== undefined && !isSameStamp(definition.stamp, state.writtenBy);

/**
 * A command that creates, seen for the first time, is most likely for an actor that is not there yet. Nothing
 * is read then: the append expects an empty log, and a conflict says that the guess was wrong.
 */
export function assumeNew(cell: Cell): void {
  cell.loaded = true;
  cell.guessed = true;
}

/** Forget what is in memory: the log has moved on without us, or may have. */
export function unload(cell: Cell): void {
  disarmAll(cell);
  cell.loaded = false;
}

/**
 * Another host may have gone on while this one kept the actor in memory, and then left it to us again. Taking
 * something is safe, the append would fail; turning something away is not, so ask the log first.
 * Gives the records read, from `fromSeq` on.
 * @throws AppendConflict when the log has moved on.
 */
export async function requireFresh(host: HostContext, cell: Cell, fromSeq = (cell.state?.seq ?? 0) + 1): Promise<readonly LogRecord[]> {
  const near = fromSeq > (cell.state?.seq ?? 0) ? cell.position : 0;
  const { records } = await host.log.read(cell.actor, fromSeq, near);
  if ((records.at(-1)?.seq ?? 0) > (cell.state?.seq ?? 0)) throw new AppendConflict(cell.actor, cell.position);
  return records;
}

/** What runs here and the log no longer wants was given up by another host. */
function abortUnwanted(cell: Cell): void {
  for (const effect of cell.running.keys()) {
    if (cell.state?.activities[effect]?.aborting !== false) abortActivity(cell, effect);
  }
}

/**
 * A delivery came back whose record is already in the log: the host that took it may have died. Open
 * activities run again under their keys, and what people notice is done again.
 */
export async function resume(host: HostContext, cell: Cell, cause: string, earliest: number): Promise<void> {
  resumeActivities(host, cell);
  await redo(host, cell, cause, earliest);
}

/**
 * Emits and actions of the record with this cause, and of those after it, that were in the log before this
 * process went on from it: nobody knows whether they were done. `earliest`: no record before it has the cause.
 */
export async function redo(host: HostContext, cell: Cell, cause: string, earliest: number): Promise<void> {
  const end = Math.min(cell.redoneFrom - 1, cell.loadedSeq);
  if (earliest > end) return;
  const records = (await host.log.read(cell.actor)).records.slice(0, end);
  const from = records.find((record) => record.cause === cause)?.seq;
  if (from === undefined) return;
  cell.redoneFrom = from;
  let state: ActorState | undefined;
  for (const record of records) {
    const next = evolve(cell.definition, state, record);
    state = next.state;
    if (record.seq >= from) await perform(host, cell, next.effects.filter((effect) => noticed.has(effect.kind)), state);
  }
}
