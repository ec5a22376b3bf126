import { TerminalError, type MillraceError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Verdict } from '../../kernel/definition.ts';
import type { Delivery } from '../ports/queue.ts';
import type { HostContext } from './context.ts';

type Refusal = Extract<Verdict, { accepted: false }> & { readonly hint?: string };

/** Header naming the subject the verdict is answered to. */
export const replyHeader = 'Millrace-Reply';

export function accept(host: HostContext, delivery: Delivery, seq: number): void {
  answer(host, delivery, { accepted: true, seq });
}

/** Somebody listens: they are told. Nobody does: it becomes a dead letter, so that it can be found. */
export async function refuse(host: HostContext, delivery: Delivery, refusal: Refusal): Promise<void> {
  if (delivery.headers[replyHeader] === undefined) {
    await bury(host, delivery, new TerminalError(refusal.code, refusal.reason, { hint: refusal.hint ?? allowedHint(refusal.allowed) }));
    return;
  }
  answer(host, delivery, { ...refusal });
  await delivery.ack();
}

const allowedHint = (allowed: readonly string[]): string =>
  allowed.length > 0 ? `it would take: ${allowed.join(', ')}` : 'it takes no commands any more';

/** A message that can never be handled: stored as a dead letter first, gone from the queue only then. */
export async function bury(host: HostContext, delivery: Delivery, error: MillraceError): Promise<void> {
  await host.dead.put({
    id: delivery.id, type: delivery.type, actorId: delivery.actorId, subject: delivery.subject, commandId: delivery.id,
    code: error.code, reason: error.message, hint: error.hint, deliveries: delivery.deliveries,
    at: host.clock.now(), headers: delivery.headers, body: delivery.body,
  });
  host.logger.warn({ subject: delivery.subject, id: delivery.id, code: error.code }, 'dead letter');
  answer(host, delivery, { accepted: false, code: error.code, reason: error.message, value: null, allowed: [], ...(error.hint === undefined ? {} : { hint: error.hint }) });
  await delivery.ack();
}

function answer(host: HostContext, delivery: Delivery, body: JsonObject): void {
  const to = delivery.headers[replyHeader];
  if (to !== undefined) host.queue.reply(to, body);
}
