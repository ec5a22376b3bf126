import { delayText } from './delays.ts';

/**
 * What a timer of XState is for, in words: `after-retry-compile-build-work-compile-backing-1f3a…` of a `build` is "the next
 * attempt of compile", `after-nextCheck-run-polling-…` of a `run` is "next check", that of a number of milliseconds is "10 min". A timer that somebody named keeps its name. Pure.
 */
export function timerWords(timer: string, type: string): string {
  const [, id] = /^after-(.+)-[0-9a-f]{12}$/.exec(timer) ?? [];
  if (id === undefined) return timer;
  const ofSaga = id.indexOf(`-${type}-work-`);
  const end = ofSaga > 0 ? ofSaga : id.indexOf(`-${type}-`);
  const delay = end > 0 ? id.slice(0, end) : id;
  const [, what = '', step = ''] = ofSaga > 0 ? /^(undo-retry|retry|timeout)-(.+)$/.exec(delay) ?? [] : [];
  if (what === 'retry') return `the next attempt of ${step}`;
  if (what === 'undo-retry') return `the next attempt to undo ${step}`;
  if (what === 'timeout') return `the time limit of ${step}`;
  // The id of a chart that goes by another name stands behind the number.
  const ms = /^(\d+)(?:-|$)/.exec(delay)?.[1];
  return ms === undefined ? spoken(delay) : delayText(Number(ms));
}

/** It has no name of its own: its words are how long it takes. */
export const isNameless = (timer: string): boolean => /^after-\d+-.*[0-9a-f]{12}$/.test(timer);

/** What happens when it fires: `next check is due`, `10 min passed`. */
export const dueText = (timer: string, type: string): string => `${timerWords(timer, type)} ${isNameless(timer) ? 'passed' : 'is due'}`;

/** `nextCheck` as "next check". */
export const spoken = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
