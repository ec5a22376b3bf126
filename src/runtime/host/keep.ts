import { hasEnded } from '../../kernel/status.ts';
import { boardEntry } from '../../projections/board.ts';
import type { BoardEntry } from '../ports/board.ts';
import type { Delivery } from '../ports/queue.ts';
import type { Cell, HostContext } from './context.ts';
import { blockedRetryMs, handOver } from './hand-over.ts';
import { acknowledge, leaveToOthers, newest } from './held.ts';
import { makeRoom, isAtRest, passivate } from './passivate.ts';
import { keepSnapshot } from './snapshot.ts';

/**
 * The rule that makes crashes boring: while anything of this actor runs here, one delivery stays
 * unacknowledged; everything else that is dealt with is acknowledged.
 */
export function settle(host: HostContext, cell: Cell): void {
  if (cell.busy || cell.mailbox.length > 0 || host.phase === 'dead') return;
  if (cell.blocked !== undefined) return giveBack(host, cell);
  keepSnapshot(host, cell);
  leaveToOthers(cell);
  const kept = cell.running.size > 0 || isInterrupted(host, cell) ? newest(cell) : undefined;
  const done = cell.held.filter((held) => held !== kept);
  cell.held = kept === undefined ? [] : [kept];
  if (kept !== undefined) markStale(host, cell);
  // Between two activities there is nothing to say and nothing to acknowledge.
  if (cell.running.size > 0 && done.length === 0) return;
  host.track(publishThenAck(host, cell, done));
}

/** A worker that shuts down has left off what the chart still waits for. */
const isInterrupted = (host: HostContext, cell: Cell): boolean => host.phase !== 'running' && Object.keys(cell.state?.activities ?? {}).length > 0;

/** A blocked actor's work in flight goes to whoever carries the definition that began it, or stays in the queue for a worker that can go on with it. */
function giveBack(host: HostContext, cell: Cell): void {
  const { writtenBy } = cell.blocked ?? {};
  for (const delivery of cell.held) {
    if (writtenBy === undefined) delivery.retry(blockedRetryMs);
    else host.track(handOver(host, cell, delivery, writtenBy).catch(() => { delivery.retry(blockedRetryMs); }));
  }
  cell.held = [];
  cell.loaded = false;
  if (cell.running.size === 0) passivate(host, cell);
}

async function publishThenAck(host: HostContext, cell: Cell, done: readonly Delivery[]): Promise<void> {
  cell.settling++;
  for (const { id } of done) cell.parting.add(id);
  try {
    if (cell.running.size === 0) await publish(host, cell);
    await Promise.all(done.map((delivery) => acknowledge(host, cell, delivery)));
  } catch (error) {
    // Unacknowledged deliveries come back; the log knows that they were taken.
    host.logger.warn({ actor: cell.actor, error: String(error) }, 'could not settle; the delivery will come back');
    markStale(host, cell);
  }
  cell.settling--;
  evict(host, cell);
}

/** Resolves when the board says what the log says, also when its line was on the way there already. */
export async function publish(host: HostContext, cell: Cell): Promise<void> {
  if (cell.stale && cell.state !== undefined) cell.writing = write(host, cell, boardEntry(cell.definition, cell.state));
  await cell.writing;
}

async function write(host: HostContext, cell: Cell, entry: BoardEntry): Promise<void> {
  cell.stale = false;
  host.signals.status(cell.actor, { ...entry });
  try {
    await host.board.put(entry);
  } catch (error) {
    cell.stale = true;
    throw error;
  }
}

const boardDelayMs = 1_000;

/** While an actor is busy its line is written at most once a second. */
function markStale(host: HostContext, cell: Cell): void {
  if (!cell.stale || host.boardDue.has(cell)) return;
  host.boardDue.add(cell);
  host.clock.after(boardDelayMs, () => {
    host.boardDue.delete(cell);
    if (host.phase === 'dead') return;
    host.track(publish(host, cell).catch((error: unknown) => {
      host.logger.warn({ actor: cell.actor, error: String(error) }, 'the board could not be written yet');
      markStale(host, cell);
    }));
  });
}

/** Who has ended leaves memory at once; who rests stays while there is room. */
function evict(host: HostContext, cell: Cell): void {
  if (!isAtRest(cell)) return;
  cell.restingSince = host.clock.now();
  if (cell.state === undefined || (hasEnded(cell.state) && !firedHere(cell))) passivate(host, cell);
  else makeRoom(host);
}

/** The scheduled message of a timer that fired here is still to come, and would load the actor again only to find that out. */
const firedHere = ({ facts }: Cell): boolean => facts.some(({ type }) => type === 'timer.fired');
