import { RetryableError, TerminalError } from '../../kernel/errors.ts';
import { takenAt } from '../../kernel/state.ts';
import { AppendConflict } from '../ports/conflict.ts';
import type { Delivery } from '../ports/queue.ts';
import { block } from './block.ts';
import type { Cell, HostContext, Input } from './context.ts';
import { deliver } from './deliver.ts';
import { deliverFact } from './facts.ts';
import { isInternalFact } from './internal.ts';
import { hold } from './held.ts';
import { settle } from './keep.ts';
import { unload } from './load.ts';
import { bury } from './refuse.ts';

/** One input at a time per actor, in the order they came. */
export function enqueue(host: HostContext, cell: Cell, input: Input): void {
  if (host.phase === 'dead') return;
  cell.mailbox.push(input);
  if (input.kind === 'delivery') host.waiting++;
  // A timer may fire for an actor that was dropped from memory meanwhile.
  if (!host.cells.has(cell.actor)) host.cells.set(cell.actor, cell);
  if (!cell.busy) host.track(drain(host, cell));
}

const defaultIntake = 4_096;

/** May more be asked for? A broker that is slow to store slows what is taken from it, and memory stays as it is. */
export const hasRoom = (host: HostContext): boolean => host.waiting < (host.intake ?? defaultIntake);

async function drain(host: HostContext, cell: Cell): Promise<void> {
  cell.busy = true;
  for (let input = cell.mailbox[0]; input !== undefined && !isDead(host); input = cell.mailbox[0]) {
    await untilHandled(host, cell, input);
    cell.mailbox.shift();
    if (input.kind === 'delivery') host.waiting--;
  }
  cell.busy = false;
  settle(host, cell);
}

// Read through a function: the phase changes while we wait.
const isDead = (host: HostContext): boolean => host.phase === 'dead';

/** The broker may be away for as long as it likes: the input stays first in line, and its delivery is extended. */
async function untilHandled(host: HostContext, cell: Cell, input: Input): Promise<void> {
  let unexpected = 0;
  for (let failures = 1; !isDead(host); failures++) {
    try {
      return await handle(host, cell, input);
    } catch (error) {
      if (isDead(host)) return;
      // While the log itself cannot be read, nobody knows whether the input is work in flight.
      if (!(error instanceof RetryableError) && cell.loaded) unexpected += 1;
      unload(cell);
      if (error instanceof AppendConflict && failures === 1) continue;
      if (unexpected > unexpectedLimit && (await givenUp(host, cell, input, error))) return;
      host.logger.warn({ actor: cell.actor, failures, error: String(error) }, 'could not handle an input yet');
      if (host.phase === 'stopping') return leave(cell, input);
      await new Promise<void>((resolve) => { host.clock.after(Math.min(5_000, 50 * 2 ** failures), resolve); });
    }
  }
}

const handle = (host: HostContext, cell: Cell, input: Input): Promise<void> =>
  input.kind === 'delivery' ? deliver(host, cell, input) : deliverFact(host, cell, input);

const unexpectedLimit = 5;

/** A wish becomes a dead letter. Work in flight stays in the queue: this worker, or another one, tries again later. */
async function givenUp(host: HostContext, cell: Cell, input: Input, cause: unknown): Promise<boolean> {
  if (input.kind === 'fact') cell.running.delete(input.effect);
  else if (isWish(cell, input.delivery)) return await isBuried(host, input.delivery, cause);
  else hold(cell, input.delivery);
  block(host, cell, cause);
  return true;
}

const isWish = (cell: Cell, { id, command }: Delivery): boolean =>
  takenAt(cell.state, id) === undefined && !isInternalFact(command);

async function isBuried(host: HostContext, delivery: Delivery, cause: unknown): Promise<boolean> {
  const error = new TerminalError('handler_failed', `handling ${delivery.subject} failed again and again: ${String(cause)}`, {
    cause, hint: 'this is a defect of the worker or its machine: see its log, then `millrace dead retry`',
  });
  return await bury(host, delivery, error).then(() => true, () => false);
}

/**
 * To the next host; a fact it finds out again. The fact may be recorded all the same, with what people were to notice of
 * it not done: what is held comes again for that, even when nothing is in flight any more.
 */
function leave(cell: Cell, input: Input): void {
  if (input.kind === 'fact') {
    cell.running.delete(input.effect);
    for (const held of cell.held.splice(0)) held.retry(0);
    return;
  }
  // It may be held already, and what is held and done with is acknowledged: this is not done with.
  cell.held = cell.held.filter(({ id }) => id !== input.delivery.id);
  input.delivery.retry(0);
}
