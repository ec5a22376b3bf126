import type { Json } from './json.ts';
import { looksSecret, namesCredential, redact, redacted } from './redact.ts';

/** JSON without secrets: what a text gives away, and with `byName` what stands under a name such as `password`. Pure. */
export function redactJson(value: Json, byName = true): Json {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((member: Json) => redactJson(member, byName));
  return Object.fromEntries(Object.entries(value).map(([name, member]): [string, Json] =>
    [name, byName && looksSecret(name) && (typeof member === 'string' || typeof member === 'number') ? redacted : redactJson(member, byName)]));
}

/** Names in records repeat; there are few of them. */
const known = new Map<string, boolean>();
const mostKnown = 5_000;

function isCredential(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  const is = namesCredential(name);
  if (known.size < mostKnown) known.set(name, is);
  return is;
}

/**
 * What goes into a record, without what is a credential by its looks, by its name ({@link namesCredential}) or as one of
 * `values`. The same object where there is nothing to redact, which is almost always. Pure.
 */
export function redactData<T extends Json>(value: T, values: readonly string[] = []): T {
  return clean(value, values) as T;
}

function clean(value: Json, values: readonly string[]): Json {
  if (typeof value === 'string') return redact(value, values);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return cleanArray(value, values);
  const object = value as Readonly<Record<string, Json>>;
  let copy: Record<string, Json> | undefined;
  for (const name in object) {
    const member = object[name] as Json;
    const next = typeof member === 'string' && member !== '' && isCredential(name) ? redacted : clean(member, values);
    if (next !== member) (copy ??= { ...object })[name] = next;
  }
  return copy ?? value;
}

function cleanArray(value: readonly Json[], values: readonly string[]): Json {
  let copy: Json[] | undefined;
  for (let i = 0; i < value.length; i++) {
    const next = clean(value[i] as Json, values);
    if (next !== value[i]) (copy ??= [...value])[i] = next;
  }
  return copy ?? value;
}
