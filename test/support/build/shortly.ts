import type { LogRecord } from '../../../src/kernel/record.ts';

/** `activity.completed load-source`: what a record is about. */
export function shortly({ type, data }: LogRecord): string {
  const about = data.activity ?? data.child ?? data.timer;
  return typeof about === 'string' ? `${type} ${about}` : type;
}
