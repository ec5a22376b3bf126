import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/kernel/canonical.ts';
import { violationsIn } from './invariants/all.ts';
import type { Plan } from './plan.ts';
import { planOf } from './random-plan.ts';
import { shrunk } from './shrink.ts';
import { simulate, type Run, type SimulateOptions } from './simulate.ts';
import { tell } from './tell.ts';
import type { Violation } from './witness.ts';

export interface Tally {
  seeds: number;
  hosts: number;
  actors: number;
  records: number;
  wishes: number;
  /** By kind. */
  readonly faults: Record<string, number>;
  readonly blows: Record<string, number>;
  /** Seeds that broke something. */
  readonly failed: number[];
}

export const newTally = (): Tally => ({ seeds: 0, hosts: 0, actors: 0, records: 0, wishes: 0, faults: {}, blows: {}, failed: [] });

export interface Verdict {
  readonly run: Run;
  readonly violations: readonly Violation[];
}

export async function judged(plan: Plan, options?: SimulateOptions): Promise<Verdict> {
  const run = await simulate(plan, options);
  return { run, violations: await violationsIn(run) };
}

/** One seed; what it broke is in the verdict. */
export async function trySeed(seed: number, tally: Tally, options?: SimulateOptions): Promise<Verdict> {
  const verdict = await judged(planOf(seed), options);
  const { run } = verdict;
  tally.seeds++;
  tally.hosts += run.hosts;
  tally.actors += run.chronicle.all().length;
  tally.records += run.broker.all().length;
  tally.wishes += run.plan.wishes.length;
  for (const fault of run.faults) count(tally.faults, fault.split(' ')[0] ?? fault);
  for (const { what } of run.blows) count(tally.blows, what);
  if (verdict.violations.length > 0) tally.failed.push(seed);
  return verdict;
}

const count = (counts: Record<string, number>, what: string): void => { counts[what] = (counts[what] ?? 0) + 1; };

/** The failure as text, with a schedule that has no more in it than is needed. */
export async function explained({ run, violations }: Verdict, options?: SimulateOptions): Promise<string> {
  const [first] = violations;
  if (first === undefined) return '';
  const smaller = await shrunk(run.plan, first, async (plan) => {
    const verdict = await judged(plan, options);
    return { violations: verdict.violations, faults: verdict.run.faults };
  });
  const again = await judged(smaller, options);
  return `${tell(again.run, again.violations)}this is what is left of it after shrinking; all of it again: npm run simulate -- --seed ${run.plan.seed}`;
}

/** Every byte of every log, in the order in which it was stored. */
export const digestOf = ({ broker }: Run): string => createHash('sha256').update(broker.all().map((record) => canonicalJson(record)).join('\n')).digest('hex');
