import type { EffectId, LogRecord } from '../../kernel/record.ts';
import type { Delivery } from '../ports/queue.ts';
import type { Cell, Held, HostContext } from './context.ts';
import { askedBy } from './key.ts';

/** Keep a delivery unacknowledged. A redelivery replaces what it repeats. `ledTo`: the record it led to. */
export function hold(cell: Cell, delivery: Delivery, ledTo = 0): void {
  cell.held = [...cell.held.filter((held) => held.id !== delivery.id), { ...delivery, ledTo }];
}

/**
 * The one to keep while there is work in flight. Whoever had an older one may have acknowledged it before that
 * work began, and such a word may arrive at any moment; so may one of our own that nobody has answered.
 */
export function newest({ held: all, parting }: Cell): Held | undefined {
  const sure = all.filter(({ id }) => !parting.has(id));
  return (sure.length > 0 ? sure : all).reduce<Held | undefined>((best, held) => (best === undefined || held.ledTo >= best.ledTo ? held : best), undefined);
}

/**
 * Work in flight that does not run here, under a delivery that is another host's now: that host may hold the very
 * same message, or wait for it to come. It is not ours to acknowledge.
 */
export function leaveToOthers(cell: Cell): void {
  if (cell.running.size > 0 || Object.keys(cell.state?.activities ?? {}).length === 0) return;
  // Asked once: giving one back may change the answer.
  const others = new Set(cell.held.filter((held) => held.isPassedOn?.() === true));
  cell.held = cell.held.filter((held) => !others.has(held));
  for (const held of others) held.retry(0);
}

/**
 * Acknowledge it, and forget what came again of it meanwhile: a repetition still in the mailbox could be taken, or
 * kept for work in flight, with no message behind it. Also when nobody answered: if it is still there, it comes again.
 */
export async function acknowledge(host: HostContext, cell: Cell | undefined, delivery: Delivery): Promise<void> {
  cell?.parting.add(delivery.id);
  await delivery.ack().finally(() => { forgetRepetitions(host, cell, delivery); });
  if (cell !== undefined && !comesAgain(cell, delivery)) cell.parting.delete(delivery.id);
}

/** A repetition is being handled, or is held: its message is gone. */
const comesAgain = ({ mailbox: [first], held }: Cell, delivery: Delivery): boolean =>
  held.some(({ id }) => id === delivery.id) || (first?.kind === 'delivery' && first.delivery !== delivery && first.delivery.id === delivery.id);

function forgetRepetitions(host: HostContext, cell: Cell | undefined, delivery: Delivery): void {
  const mailbox = cell?.mailbox ?? [];
  // The first one is being handled, and may be this very one.
  for (let at = mailbox.length - 1; at > 0; at--) {
    const input = mailbox[at];
    if (input?.kind !== 'delivery' || input.delivery.id !== delivery.id || input.delivery.subject !== delivery.subject) continue;
    mailbox.splice(at, 1);
    host.waiting--;
  }
}

/** A message that is more facts late than this is looked up in the log. */
const remembered = 16;

/** Remember which record says how a timer or a child ended: of commands the state knows it. */
export function noteFact(cell: Cell, { type, cause, seq }: LogRecord): void {
  if (type !== 'timer.fired' && !type.startsWith('child.')) return;
  cell.facts.push({ type, cause, seq });
  if (cell.facts.length > remembered) cell.facts.shift();
}

/** The record of this cause, which says how a timer or child of this effect ended, or how it is; 0 when none does. */
export async function saidAt(host: HostContext, cell: Cell, cause: string, effect: EffectId): Promise<number> {
  const known = cell.facts.findLast((fact) => fact.cause === cause);
  const { seq = 0 } = known ?? (await host.log.read(cell.actor, askedBy(effect) + 1)).records.find((record) => record.cause === cause) ?? {};
  return seq;
}
