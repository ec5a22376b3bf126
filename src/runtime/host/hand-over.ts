import type { MachineStamp } from '../../kernel/record.ts';
import type { Delivery } from '../ports/queue.ts';
import { endedAs } from './block.ts';
import type { Cell, HostContext } from './context.ts';
import { acknowledge } from './held.ts';
import { isInternal } from './internal.ts';
import { refuse } from './refuse.ts';

/** While nobody else can go on either, it is looked at again after so long. */
export const blockedRetryMs = 30_000;

/** What waits for another worker of the same definition than this one comes back to one of those sooner. */
const staysRetryMs = 1_000;

/** A delivery to an actor that another definition began: stored for whoever carries that one, and gone from here. */
export async function handOver(host: HostContext, cell: Cell, delivery: Delivery, writtenBy: MachineStamp): Promise<void> {
  if (await delivery.handOver(writtenBy)) await acknowledge(host, cell, delivery);
  else delivery.retry(staysRetryMs);
}

/** To one that has ended there is nothing to hand over: every definition of it says the same. */
export async function refuseEnded(host: HostContext, cell: Cell, delivery: Delivery): Promise<boolean> {
  const { records } = await host.log.read(cell.actor);
  const status = await endedAs(host, { actor: cell.actor, seq: records.length });
  if (status === undefined) return false;
  if (isInternal(delivery.command)) await acknowledge(host, cell, delivery);
  else await refuse(host, delivery, { accepted: false, code: 'actor_ended', reason: `${cell.actor} has ended: ${status}`, value: status, allowed: [] });
  return true;
}
