import type { Definition } from '../../kernel/definition.ts';
import { TerminalError } from '../../kernel/errors.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { z } from 'zod';
import { redactData } from '../../kernel/redact-json.ts';
import { plainSecrets, secretInBody } from '../../kernel/secret.ts';
import type { Delivery } from '../ports/queue.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The body as a JSON object; an empty body is `{}`. @throws TerminalError `bad_json`, `bad_body`. */
export function parseBody(delivery: Delivery): JsonObject {
  if (delivery.body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(delivery.body));
  } catch (cause) {
    throw new TerminalError('bad_json', `the body of ${delivery.subject} is not JSON`, {
      cause, hint: 'send a JSON object in UTF-8, such as {}',
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TerminalError('bad_body', `the body of ${delivery.subject} is JSON, but not an object`, { hint: 'send a JSON object, such as {}' });
  }
  if ('type' in value) {
    throw new TerminalError('bad_body', `the body of ${delivery.subject} has a field "type", which the command's name already says`, { hint: 'leave "type" out of the body' });
  }
  // A chart is told by whom a command was signed, by us alone.
  if ('signedBy' in value) {
    throw new TerminalError('bad_body', `the body of ${delivery.subject} has a field "signedBy"`, { hint: 'sign the command itself: see docs/identity.md' });
  }
  return value as JsonObject;
}

/** The body of a command, or the input of a creating one, as its schema wants it, without credentials: the chart is asked with what will be recorded. @throws TerminalError `bad_body`, `secret_in_body`. */
export function checkBody(definition: Definition, command: string, body: JsonObject): JsonObject {
  const schema = command === definition.createdBy ? definition.input : definition.commands[command];
  return redactData(schema === undefined ? body : checked(schema, body, `${definition.stamp.name} ${command}`));
}

function checked(schema: z.ZodType, body: JsonObject, what: string): JsonObject {
  const result = schema.safeParse(body);
  if (result.success) return result.data as JsonObject;
  const plain = plainSecrets(result.error, body);
  if (plain.length > 0) throw secretInBody(what, plain);
  const problems = result.error.issues.map((issue) => `${issue.path.length > 0 ? issue.path.join('.') : 'body'}: ${issue.message}`);
  throw new TerminalError('bad_body', `the body of "${what}" is not what it should be: ${problems.join('; ')}`, {
    hint: 'correct the fields named and send it again', cause: result.error,
  });
}

/** Two JSON values that say the same, whatever the order of their keys. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [x, y] = [Object.entries(a), b as JsonObject];
  return Array.isArray(a) === Array.isArray(b) && x.length === Object.keys(y).length
    && x.every(([key, value]) => key in y && sameJson(value, y[key] as Json));
}
