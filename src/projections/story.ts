import type { Json, JsonObject } from '../kernel/json.ts';
import type { LogRecord } from '../kernel/record.ts';

/** A record as a sentence for people. Pure; says only what the record says. */
export function sentenceOf(record: LogRecord): string {
  const { type, data, by } = record;
  const asked = by === undefined || by.includes('/') ? '' : ` (${by})`;
  switch (type) {
    case 'actor.created': return `created${asked}`;
    case 'activity.completed': return `${told(data.activity)} done`;
    case 'activity.failed': return `${told(data.activity)} failed: ${messageOf(data.error)}`;
    case 'timer.fired': return `timer ${told(data.timer)} fired`;
    case 'child.completed': return `${told(data.child)} done`;
    case 'child.failed': return `${told(data.child)} failed: ${messageOf(data.error)}`;
    default: return `${type} accepted${asked}${typeof data.reason === 'string' ? `: ${data.reason}` : ''}`;
  }
}

const told = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

const messageOf = (error: Json | undefined): string =>
  typeof error === 'object' && error !== null && !Array.isArray(error) ? told((error as JsonObject).message) : told(error);
