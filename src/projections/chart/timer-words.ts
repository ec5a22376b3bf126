/**
 * What a timer of XState is for, in words: `after-retry-compile-build-work-compile-backing-1f3a…` of a `build` is "the next
 * attempt of compile", `after-nextCheck-run-polling-…` of a `run` is "next check". A timer that somebody named keeps its name. Pure.
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
  return /^\d+$/.test(delay) ? `${delay} ms` : spoken(delay);
}

/** `nextCheck` as "next check". */
export const spoken = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
