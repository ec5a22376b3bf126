import { z } from 'zod';
import type { Json, JsonObject } from './json.ts';

/** Texts of the usual kinds: the first that a schema lets through is its example. */
const texts = [
  'example', 'a', '1', 'v1', '0'.repeat(64), '0'.repeat(40), `sha256:${'0'.repeat(64)}`, 'a/b', 'example.org', 'a@example.org', '2026-01-01T00:00:00Z', '2026-01-01',
  '00000000-0000-4000-8000-000000000000',
];
/** Formats that come without a pattern. */
const formatted: Readonly<Record<string, string>> = { uri: 'https://example.org' };

type Part = Readonly<Record<string, unknown>>;

/** Something that fits the schema, with no more than must be there; undefined when none is easily had. Pure. */
export function exampleOf(schema: z.ZodType): Json | undefined {
  try {
    const made = partly(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Part);
    return schema.safeParse(made).success ? made : undefined;
  } catch {
    // A schema that cannot be told as JSON Schema has no example.
    return undefined;
  }
}

function partly(part: Part): Json {
  if ('const' in part) return part.const as Json;
  if (Array.isArray(part.enum)) return part.enum[0] as Json;
  if ('default' in part) return part.default as Json;
  const one = [part.anyOf, part.oneOf, part.allOf].find(Array.isArray) as readonly Part[] | undefined;
  if (one !== undefined) return partly(one[0] ?? {});
  switch (part.type) {
    case 'object': return objectOf(part);
    case 'array': return Array.from({ length: Number(part.minItems ?? 0) }, () => partly((part.items ?? {}) as Part));
    case 'string': return textOf(part);
    case 'integer':
    case 'number': return numberOf(part);
    case 'boolean': return true;
    default: return null;
  }
}

function objectOf({ properties = {}, required = [] }: Part): JsonObject {
  return Object.fromEntries((required as readonly string[]).map((key) => [key, partly((properties as Readonly<Record<string, Part>>)[key] ?? {})]));
}

function textOf({ format, pattern, minLength = 0, maxLength = Infinity }: Part): string {
  if (typeof format === 'string' && formatted[format] !== undefined) return formatted[format];
  const fits = typeof pattern === 'string' ? new RegExp(pattern, 'u') : undefined;
  return texts.find((text) => text.length >= Number(minLength) && text.length <= Number(maxLength) && fits?.test(text) !== false) ?? 'example';
}

function numberOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Part): number {
  const least = Math.max(Number(minimum ?? -Infinity), Number(exclusiveMinimum ?? -Infinity) + 1);
  const most = Math.min(Number(maximum ?? Infinity), Number(exclusiveMaximum ?? Infinity) - 1);
  return Math.min(Math.max(1, least), most);
}
