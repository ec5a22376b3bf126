import { TerminalError, type MillraceError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Verdict } from '../../kernel/definition.ts';
import type { Delivery } from '../ports/queue.ts';
import { failureOf } from '../failure.ts';
import type { Cell, HostContext } from './context.ts';
import { acknowledge } from './held.ts';
import { internal, parentIn } from './internal.ts';
import { letterOf } from './letter.ts';

type Refusal = Extract<Verdict, { accepted: false }> & { readonly hint?: string };

/** Header naming the subject the verdict is answered to. */
export const replyHeader = 'Millrace-Reply';
/** Header naming who sent it. */
export const byHeader = 'Millrace-By';

/** `more`: what there is to say beyond the place in the log. */
export function accept(host: HostContext, delivery: Delivery, seq: number, more: JsonObject = {}): void {
  answer(host, delivery, { accepted: true, seq, ...more });
}

/**
 * Somebody listens: they are told. Nobody does: it becomes a dead letter, so that it can be found. Told last:
 * what is not gone from the queue may come again, and be taken then. What another host may have in hand by now
 * goes to that host: it could take it for a wish, with no message behind it, after we had turned it away.
 */
export async function refuse(host: HostContext, delivery: Delivery, refusal: Refusal): Promise<void> {
  if (delivery.isPassedOn?.() === true) return delivery.retry(0);
  if (delivery.headers[replyHeader] === undefined) {
    await bury(host, delivery, new TerminalError(refusal.code, refusal.reason, { hint: refusal.hint ?? allowedHint(refusal.allowed) }));
    return;
  }
  await acknowledge(host, cellOf(host, delivery), delivery);
  answer(host, delivery, { ...refusal });
}

const allowedHint = (allowed: readonly string[]): string =>
  allowed.length > 0 ? `it would take: ${allowed.join(', ')}` : 'it takes no commands any more';

/** A message that can never be handled: stored as a dead letter first, gone from the queue only then. */
export async function bury(host: HostContext, delivery: Delivery, error: MillraceError): Promise<void> {
  await tellParent(host, delivery, error);
  await host.dead.put(letterOf(host.definitions.get(delivery.type), delivery, error, host.clock.now()));
  host.logger.warn({ subject: delivery.subject, id: delivery.id, code: error.code, reason: error.message }, 'dead letter');
  await acknowledge(host, cellOf(host, delivery), delivery);
  answer(host, delivery, { accepted: false, code: error.code, reason: error.message, value: null, allowed: [], ...(error.hint === undefined ? {} : { hint: error.hint }) });
}

const cellOf = ({ cells }: HostContext, { type, actorId }: Delivery): Cell | undefined => cells.get(`${type}/${actorId}`);

/** A child that cannot be created has failed, and its parent must not wait for it. */
async function tellParent(host: HostContext, delivery: Delivery, error: MillraceError): Promise<void> {
  const parent = parentIn(delivery);
  if (parent === undefined) return;
  const body = { effect: parent.effect, outcome: { ok: false, error: { ...failureOf(error) } } };
  await host.queue.send({ to: parent.actor, command: internal.childEnded, body, id: `${delivery.id}.refused`, by: `${delivery.type}/${delivery.actorId}` });
}

function answer(host: HostContext, delivery: Delivery, body: JsonObject): void {
  const to = delivery.headers[replyHeader];
  if (to !== undefined) host.queue.reply(to, body);
}
