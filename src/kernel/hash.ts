import { createHash } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';
import { canonicalJson } from './canonical.ts';

/** SHA-256, hex, over name, version and the chart's shape; functions count by their names, not by what they do. */
export function definitionHash(name: string, version: string, machine: AnyStateMachine): string {
  return createHash('sha256').update(canonicalJson({ name, version, config: shape(machine.config, []) })).digest('hex');
}

/** Parts of a config that say nothing about behaviour. */
const left = new Set(['schemas', 'types', 'version']);

function shape(value: unknown, above: readonly unknown[]): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'function') return functionShape(value, above);
  if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
  if (typeof value !== 'object') return undefined;
  if (above.includes(value)) return { circle: above.length - above.indexOf(value) };
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((member) => shape(member, path) ?? null);
  const members = Object.entries(value).filter(([key]) => !(above.length === 0 && left.has(key)));
  return Object.fromEntries(members.map(([key, member]) => [key, shape(member, path)]));
}

/** How XState's own actions and guards do it, which belongs to XState and not to the chart. */
const machinery = new Set(['resolve', 'retryResolve', 'execute', 'check']);

/** XState's own actions and guards are functions that carry what they do as properties. */
function functionShape(value: object, above: readonly unknown[]): unknown {
  if (above.includes(value)) return { circle: above.length - above.indexOf(value) };
  const path = [...above, value];
  const carried = Object.entries(value).filter(([key]) => !machinery.has(key));
  const { name } = value as { name?: unknown };
  return { function: typeof name === 'string' ? name : '', ...(carried.length === 0 ? {} : { carries: Object.fromEntries(carried.map(([key, member]) => [key, shape(member, path)])) }) };
}
