import { z } from 'zod';
import type { Definition } from './definition.ts';
import type { Json, JsonObject } from './json.ts';
import { redacted } from './redact.ts';
import { TerminalError } from './errors.ts';

/** What stands in a command's body, and so in the log, where a secret is meant. Workers know the value: MILLRACE_SECRET_<name>. */
export interface SecretReference {
  readonly $secret: string;
}

const mark = { millrace: 'secret' } as const;
const hint = 'give the workers the value as MILLRACE_SECRET_<NAME>, and send {"$secret":"<NAME>"} in its place';

/**
 * Marks a field of a schema as secret: it takes a {@link SecretReference} and refuses a plain value, which would stand in
 * the log for ever. An activity gets the value with `scope.secret(reference)`.
 */
export const secret = (): z.ZodType<SecretReference> => z.custom<SecretReference>(isReference, { message: 'is secret: send {"$secret":"<NAME>"}', params: mark });

function isReference(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  const { $secret: name } = value as { $secret?: unknown };
  return typeof name === 'string' && /^[A-Z][A-Z0-9_]{0,99}$/.test(name);
}

type Path = readonly PropertyKey[];

/** Where, in what a schema refused, a plain value stands in a field that is marked secret. */
export function plainSecrets(error: z.core.$ZodError, body: Json): readonly Path[] {
  return secretIssues(error.issues, []).filter((path) => valueAt(body, path) !== undefined);
}

function secretIssues(issues: readonly z.core.$ZodIssue[], above: Path): readonly Path[] {
  return issues.flatMap((issue): readonly Path[] => {
    const path = [...above, ...issue.path];
    if (issue.code === 'invalid_union') return issue.errors.flatMap((one) => secretIssues(one, path));
    return issue.code === 'custom' && issue.params?.millrace === mark.millrace ? [path] : [];
  });
}

const valueAt = (body: Json, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined), body);

/** A plain value in a marked field is no ordinary mistake: it must go nowhere. */
export function secretInBody(what: string, paths: readonly Path[]): TerminalError {
  return new TerminalError('secret_in_body', `the body of "${what}" has a plain value in ${[...new Set(paths.map((path) => path.join('.')))].join(', ')}, which is marked secret`, { hint });
}

const schemaOf = (definition: Definition, command: string): z.ZodType | undefined =>
  command === definition.createdBy ? definition.input : definition.commands[command];

/** Before it is sent anywhere. @throws TerminalError `secret_in_body`. */
export function requireNoSecrets(definition: Definition, command: string, body: JsonObject): void {
  const paths = pathsIn(definition, command, body);
  if (paths.length > 0) throw secretInBody(`${definition.stamp.name} ${command}`, paths);
}

/** The body with nothing plain in its marked fields: what a dead letter may keep. */
export function withoutMarked(definition: Definition, command: string, body: JsonObject): JsonObject {
  return pathsIn(definition, command, body).reduce<JsonObject>((clean, path) => masked(clean, path) as JsonObject, body);
}

function pathsIn(definition: Definition, command: string, body: JsonObject): readonly Path[] {
  const error = schemaOf(definition, command)?.safeParse(body).error;
  return error === undefined ? [] : plainSecrets(error, body);
}

function masked(value: Json, [key, ...rest]: Path): Json {
  if (key === undefined) return redacted;
  if (Array.isArray(value)) return value.map((member: Json, i) => (i === key ? masked(member, rest) : member));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, name === String(key) ? masked(member, rest) : member]));
}
