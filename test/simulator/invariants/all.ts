import type { Run } from '../simulate.ts';
import type { InvariantId, Violation } from '../witness.ts';
import type { Check } from './invariant.ts';
import { l1 } from './l1.ts';
import { l2 } from './l2.ts';
import { l3 } from './l3.ts';
import { l4 } from './l4.ts';
import { l5 } from './l5.ts';
import { l6 } from './l6.ts';
import { lettersOf, q1 } from './q1.ts';
import { boardOf, s1 } from './s1.ts';
import { s2 } from './s2.ts';
import { s3 } from './s3.ts';

const checks: Readonly<Record<InvariantId, Check>> = { L1: l1, L2: l2, L3: l3, L4: l4, L5: l5, L6: l6, S1: s1, S2: s2, S3: s3, Q1: q1 };

/** Every place in which a run broke an invariant. */
export async function violationsIn(run: Run): Promise<readonly Violation[]> {
  const found = Object.entries(checks).flatMap(([invariant, check]) => check(run).map((text) => ({ invariant: invariant as InvariantId, text })));
  const board = (await boardOf(run)).map((text) => ({ invariant: 'S1' as const, text }));
  const letters = (await lettersOf(run)).map((text) => ({ invariant: 'Q1' as const, text }));
  return [...found, ...board, ...letters];
}
