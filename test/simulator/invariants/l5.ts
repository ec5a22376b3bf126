import type { Check } from './invariant.ts';

/** A command id is taken at most once, for ever. */
export const l5: Check = ({ chronicle }) => chronicle.all().flatMap(({ actor, records }) => {
  const taken = new Map<string, number>();
  return records.filter(({ type }) => type === 'actor.created' || !type.includes('.')).flatMap(({ cause, seq }) => {
    const before = taken.get(cause);
    taken.set(cause, seq);
    return before === undefined ? [] : [`${actor} took "${cause}" twice, as records ${before} and ${seq}`];
  });
});
