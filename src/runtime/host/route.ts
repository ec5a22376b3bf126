import { TerminalError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import { isToken } from '../../kernel/names.ts';
import type { Delivery } from '../ports/queue.ts';
import type { Cell, HostContext } from './context.ts';
import { isInternal } from './internal.ts';
import { heed } from './leave-off.ts';
import { bury, refuse } from './refuse.ts';

/** A delivery to its actor's mailbox; one that names no actor to the dead letters. */
export function route(host: HostContext, delivery: Delivery): void {
  if (host.phase !== 'running') return delivery.retry(0);
  if (!isToken(delivery.type) || !isToken(delivery.actorId)) return host.track(buryMalformed(host, delivery));
  const definition = host.definitions.get(delivery.type);
  if (definition === undefined) return delivery.retry(1_000);
  heed(host, delivery);
  const actor: ActorName = `${delivery.type}/${delivery.actorId}`;
  const cell = host.cells.get(actor) ?? newCell(actor, definition);
  host.cells.set(actor, cell);
  if (isTooMany(host, cell, delivery)) return host.track(turnAway(host, cell, delivery));
  host.enqueue(cell, { kind: 'delivery', delivery, at: host.clock.now() });
}

const defaultMailboxSize = 1_000;

/** Timers, children and what comes back are work in flight, which is never turned away. */
const isTooMany = (host: HostContext, { mailbox }: Cell, { command, deliveries }: Delivery): boolean =>
  mailbox.length >= (host.mailboxSize ?? defaultMailboxSize) && !isInternal(command) && deliveries === 1;

async function turnAway(host: HostContext, { actor, mailbox }: Cell, delivery: Delivery): Promise<void> {
  const refusal = { accepted: false, code: 'mailbox_full', reason: `${mailbox.length} commands wait for ${actor} already`, value: null, allowed: [], hint: 'send it again when those are done' } as const;
  await refuse(host, delivery, refusal).catch((error: unknown) => {
    host.logger.warn({ actor, error: String(error) }, 'could not turn a command away; it will come back');
  });
}

function newCell(actor: ActorName, definition: Cell['definition']): Cell {
  return {
    actor, definition, state: undefined, position: 0, loaded: false, guessed: false, loadedSeq: 0, redoneFrom: Infinity, blocked: undefined,
    mailbox: [], busy: false, held: [], parting: new Set(), leftOff: false, settling: 0, facts: [], running: new Map(), timers: new Map(), stale: false, writing: undefined, snapshotSeq: 0, restingSince: 0,
  };
}

export async function buryMalformed(host: HostContext, delivery: Delivery): Promise<void> {
  const error = new TerminalError('bad_subject', `"${delivery.subject}" is not a command's subject`, {
    hint: 'publish on <prefix>.cmd.<type>.<id>.<command>; each part is one word of letters, digits, - and _',
  });
  await bury(host, delivery, error).catch((cause: unknown) => {
    host.logger.warn({ subject: delivery.subject, error: String(cause) }, 'could not store a dead letter; the message will come back');
  });
}
