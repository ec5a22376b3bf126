import type { Effect } from '../../kernel/effect.ts';
import { MillraceError } from '../../kernel/errors.ts';
import { evolve } from '../../kernel/evolve.ts';
import type { LogRecord } from '../../kernel/record.ts';
import type { ActorState } from '../../kernel/state.ts';
import { abortActivity, resumeActivities } from './activities.ts';
import type { Cell, HostContext } from './context.ts';
import { perform } from './perform.ts';
import { armPending, disarmAll } from './timers.ts';

/** Effects that may be repeated without anybody noticing: what they send carries a stable id. */
const repeatable = new Set<Effect['kind']>(['timer.set', 'child.start', 'child.stop', 'command.send', 'parent.tell']);
/** Effects somebody notices. Repeated only when a redelivery shows that they may be missing. */
const noticed = new Set<Effect['kind']>(['event.emit', 'action.run']);

/**
 * Fold the actor's log. A writer that died between its append and the effects left at most the last
 * record's effects undone, so those are done again here.
 */
export async function load(host: HostContext, cell: Cell): Promise<void> {
  if (cell.loaded) return;
  const { records, position } = await host.log.read(cell.actor);
  cell.position = position;
  cell.blocked = undefined;
  let effects: readonly Effect[] = [];
  try {
    ({ state: cell.state, effects } = fold(cell, records));
  } catch (error) {
    block(host, cell, error, records);
  }
  cell.loaded = true;
  cell.loadedSeq = records.length;
  cell.redone = false;
  if (cell.blocked !== undefined) return;
  abortUnwanted(cell);
  armPending(host, cell);
  await perform(host, cell, effects.filter((effect) => repeatable.has(effect.kind)));
  // Reloaded while we keep its delivery: what the log says is running is ours to run.
  if (cell.held.length > 0) resumeActivities(host, cell);
}

function fold(cell: Cell, records: readonly LogRecord[]): { state: ActorState | undefined; effects: readonly Effect[] } {
  let state: ActorState | undefined;
  let effects: readonly Effect[] = [];
  for (const record of records) ({ state, effects } = evolve(cell.definition, state, record));
  return { state, effects };
}

/** The actor cannot go on with this definition: say so on the board, leave the log as it is, disturb nobody else. */
function block(host: HostContext, cell: Cell, error: unknown, records: readonly LogRecord[]): void {
  if (!(error instanceof MillraceError)) throw error;
  cell.blocked = error;
  cell.state = undefined;
  const last = records.at(-1);
  host.logger.error({ actor: cell.actor, code: error.code, error: error.message }, 'the log cannot be folded; the actor is blocked');
  host.board
    .put({ actor: cell.actor, status: 'blocked', value: error.message, seq: records.length, at: last?.at ?? host.clock.now() })
    .catch((cause: unknown) => host.logger.warn({ actor: cell.actor, error: String(cause) }, 'the board could not be written'));
}

/** Forget what is in memory: the log has moved on without us, or may have. */
export function unload(cell: Cell): void {
  disarmAll(cell);
  cell.loaded = false;
}

/** What runs here and the log no longer knows was given up by another host. */
function abortUnwanted(cell: Cell): void {
  for (const effect of cell.running.keys()) {
    if (cell.state?.activities[effect] === undefined) abortActivity(cell, effect);
  }
}

/**
 * A delivery came back whose record is already in the log: the host that took it may have died. Open
 * activities run again under their keys; `fromSeq` is that record.
 */
export async function resume(host: HostContext, cell: Cell, fromSeq: number): Promise<void> {
  resumeActivities(host, cell);
  if (cell.redone || fromSeq > cell.loadedSeq) return;
  cell.redone = true;
  const { records } = await host.log.read(cell.actor);
  let state: ActorState | undefined;
  for (const record of records.slice(0, cell.loadedSeq)) {
    const next = evolve(cell.definition, state, record);
    state = next.state;
    if (record.seq >= fromSeq) await perform(host, cell, next.effects.filter((effect) => noticed.has(effect.kind)));
  }
}
