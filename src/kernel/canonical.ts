import { TerminalError } from './errors.ts';
import type { Json } from './json.ts';

const deepest = 500;

/** JSON with sorted keys and no blanks: equal values give equal bytes. Keys with an undefined value are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Record<string, unknown>;
  let members = '';
  for (const key of sortedKeys(object)) {
    if (object[key] !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(object[key])}`;
  }
  return `{${members}}`;
}

/** Most objects come with their keys in order. */
function sortedKeys(object: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(object);
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] as string) > (keys[i] as string)) return keys.sort();
  return keys;
}

/**
 * Where a value is no plain JSON and what stands there, such as `items[2].at is a Date`; undefined when it
 * is plain. An object key with an undefined value is allowed: it is dropped.
 */
export function jsonProblem(value: unknown, path = ''): string | undefined {
  return problemAt(value, path, 0);
}

function problemAt(value: unknown, path: string, depth: number): string | undefined {
  const what = oddity(value, depth);
  if (what !== undefined) return `${path === '' ? 'the value' : path} is ${what}`;
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const problem = problemAt(value[i], `${path}[${i}]`, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  for (const [key, member] of Object.entries(value)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (key === '__proto__') return `${at} is a key that JavaScript takes for the prototype`;
    const problem = member === undefined ? undefined : problemAt(member, at, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What makes this one value, its members aside, no plain JSON. */
function oddity(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean': return undefined;
    case 'number': return Number.isFinite(value) ? undefined : String(value);
    case 'object': break;
    case 'undefined': return 'undefined';
    case 'function':
    case 'symbol':
    case 'bigint': return `a ${typeof value}`;
  }
  if (value === null) return undefined;
  if (depth > deepest) return `nested more than ${deepest} levels deep, or in a circle`;
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  const name = (value as { constructor?: { name?: string } }).constructor?.name;
  return name === undefined || name === '' ? 'an instance of a class' : `a ${name}`;
}

/**
 * The value as the log would give it back: a frozen copy, keys sorted, undefined members dropped. What is
 * the same object as its counterpart in `known`, an earlier result, is shared instead of copied.
 * @throws TerminalError `code`, with the path of what is no plain JSON.
 */
export function settled(value: unknown, code: string, subject: string, known?: unknown): Json {
  try {
    return settle(value, known, 0);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw new TerminalError(code, `${subject} is not plain JSON: ${jsonProblem(value) ?? 'a member cannot be stored'}`, {
      hint: 'keep strings, finite numbers, booleans, null, arrays and plain objects only; an Error as {message}, a Date as a number, a Map as an object',
    });
  }
}

class NotJson extends Error {}

function settle(value: unknown, known: unknown, depth: number): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean': return value;
    case 'number':
      if (!Number.isFinite(value)) throw new NotJson();
      return value === 0 ? 0 : value;
    default:
  }
  if (value === null) return null;
  if (value !== undefined && value === known) return value as Json;
  if (oddity(value, depth) !== undefined) throw new NotJson();
  if (Array.isArray(value)) return settleArray(value, known, depth);
  return settleObject(value as Record<string, unknown>, known, depth);
}

function settleArray(value: readonly unknown[], known: unknown, depth: number): Json {
  const before: readonly unknown[] = Array.isArray(known) ? known : [];
  const copy: Json[] = [];
  for (let i = 0; i < value.length; i++) copy.push(settle(value[i], before[i], depth + 1));
  return Object.freeze(copy);
}

function settleObject(value: Record<string, unknown>, known: unknown, depth: number): Json {
  const before = typeof known === 'object' && known !== null && !Array.isArray(known) ? (known as Record<string, unknown>) : undefined;
  // Key by key: V8 takes ten times as long to freeze an object that was spread from one that is not frozen.
  const copy: Record<string, Json> = {};
  for (const key of sortedKeys(value)) {
    if (key === '__proto__') throw new NotJson();
    const member = value[key];
    if (member !== undefined) copy[key] = settle(member, before?.[key], depth + 1);
  }
  return Object.freeze(copy);
}
