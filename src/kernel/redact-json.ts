import type { Json } from './json.ts';
import { looksSecret, redact, redacted } from './redact.ts';

/** JSON without secrets: what a text gives away, and with `byName` what stands under a name such as `password`. Pure. */
export function redactJson(value: Json, byName = true): Json {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((member: Json) => redactJson(member, byName));
  return Object.fromEntries(Object.entries(value).map(([name, member]): [string, Json] =>
    [name, byName && looksSecret(name) && (typeof member === 'string' || typeof member === 'number') ? redacted : redactJson(member, byName)]));
}
