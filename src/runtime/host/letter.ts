import type { Definition } from '../../kernel/definition.ts';
import type { MillraceError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { redact } from '../../kernel/redact.ts';
import { redactData } from '../../kernel/redact-json.ts';
import { withoutMarked } from '../../kernel/secret.ts';
import type { DeadLetter } from '../ports/dead.ts';
import type { Delivery } from '../ports/queue.ts';
import { internal } from './internal.ts';

/** A message as a dead letter keeps it: without secrets, and saying so when there were any. */
export function letterOf(definition: Definition | undefined, delivery: Delivery, error: MillraceError, at: number): DeadLetter {
  const { type, actorId, command, id, subject, deliveries } = delivery;
  const body = cleanBody(definition, delivery);
  const hint = body === delivery.body ? error.hint : `${error.hint ?? ''}${error.hint === undefined ? '' : '; '}what was secret in it is redacted here, and a retry would send it so`;
  const headers = Object.fromEntries(Object.entries(delivery.headers).map(([name, value]) => [name, redact(value)]));
  return {
    // Senders choose command ids, and may choose the same one for different wishes: each has a letter of its own.
    id: `${type}/${actorId}/${command}#${id}`,
    type, actorId, subject, commandId: id, code: error.code, reason: redact(error.message), hint, deliveries, at, headers, body,
  };
}

/** The very bytes where there is nothing to hide: a retry sends the same. */
function cleanBody(definition: Definition | undefined, { command, body }: Delivery): Uint8Array {
  const text = Buffer.from(body).toString('utf8');
  const value = objectIn(text);
  if (value === undefined) return redact(text) === text ? body : Buffer.from(redact(text));
  const clean = redactData(definition === undefined ? value : unmarked(definition, command, value));
  return clean === value ? body : Buffer.from(JSON.stringify(clean));
}

function unmarked(definition: Definition, command: string, body: JsonObject): JsonObject {
  if (command !== internal.create) return withoutMarked(definition, command, body);
  const { input } = body;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return body;
  const clean = withoutMarked(definition, definition.createdBy, input as JsonObject);
  return clean === input ? body : { ...body, input: clean };
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as JsonObject : undefined;
  } catch {
    return undefined;
  }
}
