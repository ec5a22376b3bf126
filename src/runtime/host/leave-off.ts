import { RetryableError } from '../../kernel/errors.ts';
import type { Delivery } from '../ports/queue.ts';
import type { Cell, HostContext } from './context.ts';
import { settle } from './keep.ts';
import { unload } from './load.ts';

/** Listen to the revocation of what comes with this delivery, once for all of its kind. */
export function heed(host: HostContext, { revoked }: Delivery): void {
  if (revoked === undefined || host.heeded.has(revoked)) return;
  host.heeded.add(revoked);
  revoked.addEventListener('abort', () => {
    for (const cell of host.cells.values()) if (isOnly(cell, revoked)) leaveOff(host, cell);
  }, { once: true });
}

/** Everything that this actor's work here stands on has been revoked with that. */
function isOnly({ held, mailbox }: Cell, revoked: AbortSignal): boolean {
  const all = [...held, ...mailbox.flatMap((input) => (input.kind === 'delivery' ? [input.delivery] : []))];
  return all.some((delivery) => delivery.revoked === revoked) && all.every((delivery) => delivery.revoked?.aborted === true);
}

/**
 * Another worker may be going on with it: two at once could do something after it was undone. What runs is aborted, and how
 * it ends is not recorded here. What is just being appended is decided by the log.
 */
function leaveOff(host: HostContext, cell: Cell): void {
  cell.leftOff = true;
  const running = [...cell.running.values()];
  cell.running.clear();
  cell.held = [];
  unload(cell);
  for (const controller of running) controller.abort(inOtherHands());
  settle(host, cell);
}

const inOtherHands = (): RetryableError => new RetryableError('passed_on', 'another worker goes on with this actor');

/** A command that comes to us: we go on with the actor, from what its log says by now. */
export function comeBack(cell: Cell, { revoked }: Delivery): void {
  if (!cell.leftOff || revoked?.aborted === true) return;
  cell.leftOff = false;
  unload(cell);
}
