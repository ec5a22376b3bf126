import { createHash } from 'node:crypto';
import { isToken } from './names.ts';
import type { EffectId } from './record.ts';

const longest = 60;
const made = new Map<string, string>();

/**
 * XState's id of a delayed event as one subject token: `xstate.after.500.order.paying` becomes
 * `after-500-order-paying-1f3a…`, the digits keeping different ids apart. An id that is a token stays as it is.
 */
export function timerName(id: string): string {
  const known = made.get(id);
  if (known !== undefined) return known;
  const name = isToken(id) && id.length <= longest ? id : `${tokenOf(id.replace(/^xstate\./, ''))}-${hash(id)}`;
  // Ids of charts are few; a chart that makes them up as it goes must not fill the memory.
  if (made.size >= 1000) made.clear();
  made.set(id, name);
  return name;
}

/** XState lets any number of events without an id wait side by side: each is named after the effect that set it. */
export const anonymousTimerName = (eventType: string, effect: EffectId): string => `${tokenOf(eventType)}-${effect.replace(':', '-')}`;

const tokenOf = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, longest);
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
