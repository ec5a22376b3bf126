import type { z } from 'zod';
import type { Json, JsonObject } from '../kernel/json.ts';

/** Why a command's body does not fit, for people: first what is missing, and of which kind, then what is wrong. Pure. */
export function bodyProblem(command: string, data: JsonObject, { issues }: z.ZodError): string {
  const isMissing = ({ path }: z.core.$ZodIssue): boolean => path.length > 0 && valueAt(data, path) === undefined;
  const missing = issues.filter(isMissing).map((issue) => `${issue.path.join('.')} (${kindOf(issue)})`);
  const wrong = issues.filter((issue) => !isMissing(issue)).map(({ path, message }) => `${path.length === 0 ? 'body' : path.join('.')}: ${message}`);
  return [...(missing.length === 0 ? [] : [`${command} needs: ${missing.join(', ')}`]), ...wrong].join('; ');
}

function kindOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return issue.expected === 'int' ? 'number' : issue.expected;
  return issue.code === 'invalid_value' ? issue.values.map(String).join(' or ') : 'value';
}

function valueAt(data: Json, path: readonly PropertyKey[]): Json | undefined {
  let at: Json | undefined = data;
  for (const key of path) at = typeof at === 'object' && at !== null ? (at as JsonObject)[String(key)] : undefined;
  return at;
}
