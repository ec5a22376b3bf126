import type { Json, JsonObject } from '../kernel/json.ts';
import type { LogRecord } from '../kernel/record.ts';
import { dueText } from './chart/timer-words.ts';

/** How a record reads: it went well, it went wrong, or it took something back. */
export type Mood = 'good' | 'bad' | 'back';

/** A record as a sentence for people. Pure; says only what the record says. */
export function sentenceOf(record: LogRecord): string {
  const { type, data, by } = record;
  const asked = by === undefined || by.includes('/') ? '' : ` (${by})`;
  switch (type) {
    case 'actor.created': return `created${asked}`;
    case 'activity.completed': return undoes(data.activity) ?? polled(data) ?? `${told(data.activity)} done`;
    case 'activity.failed': return `${told(data.activity)} failed: ${messageOf(data.error)}`;
    case 'timer.fired': return dueText(told(data.timer), record.machine.name);
    case 'child.completed': return endedBadly(data.output) ? `${told(data.child)} ${statusIn(data.output)}${reasonIn(data.output)}` : `${told(data.child)} done`;
    case 'child.blocked': return `${told(data.child)} is blocked: ${told((data.blocked as JsonObject | undefined)?.reason)}`;
    case 'child.stopped': return `${told(data.child)} is stopped`;
    case 'child.resumed': return `${told(data.child)} goes on`;
    case 'child.failed': return `${told(data.child)} failed: ${messageOf(data.error)}`;
    // A child's answer to what it was asked together with its parent.
    case 'request-settled': return `${told(data.tell)} says: ${told(data.command)} ${told(data.state)}${typeof data.detail === 'string' ? `, ${data.detail}` : ''}`;
    default: return `${type} accepted${asked}${typeof data.reason === 'string' ? `: ${data.reason}` : ''}`;
  }
}

export function moodOf({ type, data }: LogRecord): Mood {
  if (type === 'activity.failed' || type === 'child.failed' || type === 'child.blocked') return 'bad';
  if (type === 'child.completed' && endedBadly(data.output)) return 'bad';
  return type === 'activity.completed' && undoes(data.activity) !== undefined ? 'back' : 'good';
}

/** A saga's undo of a step is the activity `undo-<step>`. */
const undoes = (activity: Json | undefined): string | undefined =>
  typeof activity === 'string' && activity.startsWith('undo-') ? `${activity.slice('undo-'.length)} undone` : undefined;

/** A run's poll is the activity `status` or ends in it, and brings what the runner said. */
const polled = ({ activity, output }: JsonObject): string | undefined =>
  typeof activity === 'string' && activity.endsWith('status') && statusIn(output) !== '' ? `the runner says ${statusIn(output)}` : undefined;

/** A child that came to its end may say that it ended badly. */
const statusIn = (output: Json | undefined): string => {
  const status = typeof output === 'object' && output !== null && !Array.isArray(output) ? (output as JsonObject).status : undefined;
  return typeof status === 'string' ? status : '';
};
export const endedBadly = (output: Json | undefined): boolean => ['failed', 'cancelled', 'blocked'].includes(statusIn(output));
const reasonIn = (output: Json | undefined): string => {
  const { reason } = output as { readonly reason?: Json };
  return typeof reason === 'string' ? `: ${reason}` : '';
};

const told = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

const messageOf = (error: Json | undefined): string =>
  typeof error === 'object' && error !== null && !Array.isArray(error) ? told((error as JsonObject).message) : told(error);
