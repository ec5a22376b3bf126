import type { ActivityCode } from './definition.ts';
import { TerminalError } from './errors.ts';

/** What invokes and spawns may name. */
export interface Known {
  readonly activities: Readonly<Record<string, ActivityCode>>;
  readonly children: Readonly<Record<string, string>>;
}

/** @throws TerminalError `missing_activity`. */
export function requireKnown(src: string, known: Known, where: string): void {
  if (Object.hasOwn(known.activities, src) || Object.hasOwn(known.children, src)) return;
  throw new TerminalError('missing_activity', `${where} names "${src}", and nothing is registered under that name`, {
    hint: 'give its code in setup({ actors }) or in activities of defineMachine, or a child machine in children',
  });
}
