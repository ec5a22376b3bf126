import { RetryableError, TerminalError } from '../../kernel/errors.ts';
import { AppendConflict } from '../ports/conflict.ts';
import type { Cell, HostContext, Input } from './context.ts';
import { deliver } from './deliver.ts';
import { deliverFact } from './facts.ts';
import { settle } from './keep.ts';
import { unload } from './load.ts';
import { bury } from './refuse.ts';

/** One input at a time per actor, in the order they came. */
export function enqueue(host: HostContext, cell: Cell, input: Input): void {
  if (host.phase === 'dead') return;
  cell.mailbox.push(input);
  // A timer may fire for an actor that was dropped from memory meanwhile.
  if (!host.cells.has(cell.actor)) host.cells.set(cell.actor, cell);
  if (!cell.busy) host.track(drain(host, cell));
}

async function drain(host: HostContext, cell: Cell): Promise<void> {
  cell.busy = true;
  for (let input = cell.mailbox[0]; input !== undefined && !isDead(host); input = cell.mailbox[0]) {
    await untilHandled(host, cell, input);
    cell.mailbox.shift();
  }
  cell.busy = false;
  settle(host, cell);
}

// Read through a function: the phase changes while we wait.
const isDead = (host: HostContext): boolean => host.phase === 'dead';

/** The broker may be away for as long as it likes: the input stays first in line, and its delivery is extended. */
async function untilHandled(host: HostContext, cell: Cell, input: Input): Promise<void> {
  for (let failures = 0; !isDead(host); ) {
    try {
      return await (input.kind === 'delivery' ? deliver(host, cell, input.delivery) : deliverFact(host, cell, input));
    } catch (error) {
      if (isDead(host)) return;
      unload(cell);
      if (error instanceof AppendConflict) continue;
      if (!(error instanceof RetryableError) && failures >= unexpectedLimit) return await giveUp(host, cell, input, error);
      failures += 1;
      host.logger.warn({ actor: cell.actor, failures, error: String(error) }, 'could not handle an input yet');
      if (host.phase === 'stopping') return handBackInput(input);
      await new Promise<void>((resolve) => { host.clock.after(Math.min(5_000, 50 * 2 ** failures), resolve); });
    }
  }
}

const unexpectedLimit = 5;

async function giveUp(host: HostContext, cell: Cell, input: Input, error: unknown): Promise<void> {
  host.logger.error({ actor: cell.actor, error: String(error) }, 'an input cannot be handled');
  if (input.kind === 'fact') {
    // Its keeper is not acknowledged: another worker, or this one restarted, tries again.
    cell.blocked = new TerminalError('handler_failed', `a fact could not be recorded: ${String(error)}`, { cause: error });
    cell.running.delete(input.effect);
    return;
  }
  await bury(host, input.delivery, new TerminalError('handler_failed', `handling ${input.delivery.subject} failed again and again: ${String(error)}`, {
    cause: error, hint: 'this is a defect of the worker or its machine: see its log, then `millrace dead retry`',
  }));
}


function handBackInput(input: Input): void {
  if (input.kind === 'delivery') input.delivery.retry(0);
}
