import type { Plan } from './plan.ts';
import type { Violation } from './witness.ts';

/** Plays a plan and says what it broke, and which faults there were. */
export type Trial = (plan: Plan) => Promise<{ readonly violations: readonly Violation[]; readonly faults: readonly string[] }>;

/** A plan with less in it that breaks the same invariant: wishes, blows and faults are left out by halves, then by smaller parts. */
export async function shrunk(plan: Plan, first: Violation, trial: Trial, trials = 150): Promise<Plan> {
  let best = plan;
  let left = trials;
  const stillBreaks = async (smaller: Plan): Promise<boolean> => {
    left--;
    const { violations } = await trial(smaller);
    return violations.some(({ invariant }) => invariant === first.invariant);
  };
  const without = async <T>(items: readonly T[], make: (kept: readonly T[], dropped: readonly T[]) => Plan): Promise<void> => {
    let kept = items;
    for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < kept.length && left > 0;) {
        const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
        const smaller = make(fewer, kept.slice(at, at + size));
        if (await stillBreaks(smaller)) {
          kept = fewer;
          best = smaller;
        } else at += size;
      }
    }
  };
  await without(best.blows, (blows) => ({ ...best, blows }));
  await without(best.wishes, (wishes) => ({ ...best, wishes }));
  const { faults } = await trial(best);
  await without(faults, (_kept, dropped) => ({ ...best, spared: new Set([...best.spared, ...dropped]) }));
  return best;
}
