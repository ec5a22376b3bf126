/**
 * `ok`: as it should be. `warning`: works, but had better be otherwise. `unknown`: could not be learnt.
 * `problem`: not safe, not set up, or somebody is waiting in vain.
 */
export type Level = 'ok' | 'warning' | 'unknown' | 'problem';

/** What one check found. `advice` says what to do; it is there whenever the level is not `ok`. */
export type Outcome =
  | { readonly level: 'ok'; readonly detail: string; readonly advice?: undefined }
  | { readonly level: Exclude<Level, 'ok'>; readonly detail: string; readonly advice: string };

export type Finding = Outcome & {
  /** Stable name of the check, such as `sync`. */
  readonly check: string;
};

export const fine = (detail: string): Outcome => ({ level: 'ok', detail });
export const warning = (detail: string, advice: string): Outcome => ({ level: 'warning', detail, advice });
export const unknown = (detail: string, advice: string): Outcome => ({ level: 'unknown', detail, advice });
export const problem = (detail: string, advice: string): Outcome => ({ level: 'problem', detail, advice });

const order: readonly Level[] = ['ok', 'unknown', 'warning', 'problem'];

/** Several outcomes as one: the worst level, and what every one that is not fine has to say. */
export function worst(outcomes: readonly Outcome[], allFine: string): Outcome {
  const bad = outcomes.filter(({ level }) => level !== 'ok').toSorted((a, b) => order.indexOf(b.level) - order.indexOf(a.level));
  const first = bad[0];
  if (first === undefined || first.level === 'ok') return fine(allFine);
  const say = (part: (outcome: Outcome) => string | undefined): string => [...new Set(bad.map(part).filter((text) => text !== undefined))].join(' ');
  return { level: first.level, detail: say(({ detail }) => detail), advice: say(({ advice }) => advice) };
}
