import type { ActorName } from '../../../src/kernel/record.ts';
import type { seeded } from '../../support/random.ts';
import type { Hit } from './life.ts';
import type { Log } from './logs.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { play, type Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** An undisturbed run: what the disturbed ones must come to, and where a host can be hit. */
export interface Model {
  readonly scenario: Scenario;
  readonly run: Run;
  readonly outcome: Outcome;
  readonly points: readonly string[];
}

/** What became of the disturbed runs. */
export interface Tally {
  readonly failures: string[];
  /** Every log the runs left; many runs leave the same. */
  readonly logs: Map<string, Log>;
  /** Hits that struck, of those that were meant to. */
  struck: number;
  meant: number;
}

export const newTally = (): Tally => ({ failures: [], logs: new Map(), struck: 0, meant: 0 });

export async function modelOf(scenario: Scenario): Promise<Model> {
  const run = await play(scenario);
  return { scenario, run, outcome: await outcomeOf(scenario, run), points: run.lives[0]?.points ?? [] };
}

/** Plays the scenario with these hits, and notes where it does not end as the model did. */
export async function disturb({ scenario, outcome }: Model, hits: readonly Hit[], tally: Tally): Promise<void> {
  tally.meant += hits.length;
  try {
    const run = await play(scenario, hits);
    tally.struck += run.lives.filter((life) => life.wasHit()).length;
    keepLogs(tally, scenario, run);
    const difference = differenceOf(outcome, await outcomeOf(scenario, run));
    if (difference !== undefined) throw new Error(difference);
  } catch (error) {
    tally.failures.push(`${hits.map(({ how, cut, point }) => `${how} ${cut} call ${point}`).join(', then ')}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function keepLogs(tally: Tally, scenario: Scenario, { world }: Run): void {
  for (const actor of Object.keys(scenario.ends) as ActorName[]) {
    const log = { scenario: scenario.name, records: world.records(actor) };
    tally.logs.set(JSON.stringify(log), log);
  }
}

/** At every call of the undisturbed run the host dies before it, and dies after it. */
export const everyDeath = ({ points }: Model): readonly Hit[] => points.flatMap((_what, index): Hit[] => [
  { point: index + 1, cut: 'before', how: 'dies' },
  { point: index + 1, cut: 'after', how: 'dies' },
]);

/** At every `step`-th call it goes deaf and lives on, and at the one after that it is stopped. */
export const everyParting = ({ points }: Model, step: number): readonly Hit[] => points.flatMap((_what, index): Hit[] => [
  ...(index % step === 0 ? [{ point: index + 1, cut: 'before', how: 'goes deaf' } as const] : []),
  ...(index % step === 1 % step ? [{ point: index + 1, cut: 'before', how: 'is stopped' } as const] : []),
]);

const ways: readonly Hit['how'][] = ['dies', 'dies', 'goes deaf', 'is stopped'];

/** Two hosts, one after the other, each at a random call. The second may end before its call comes. */
export function randomHits({ points }: Model, random: ReturnType<typeof seeded>): readonly Hit[] {
  const hit = (upTo: number): Hit => ({
    point: 1 + Math.floor(random.next() * upTo), cut: random.next() < 0.5 ? 'before' : 'after', how: ways[Math.floor(random.next() * ways.length)] ?? 'dies',
  });
  const first = hit(points.length);
  return [first, hit(points.length - first.point + 3)];
}

/** Where two outcomes part, as a path and both sides. */
function differenceOf(expected: unknown, got: unknown, path = ''): string | undefined {
  if (JSON.stringify(expected) === JSON.stringify(got)) return undefined;
  if (typeof expected === 'object' && typeof got === 'object' && expected !== null && got !== null) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const found = differenceOf((expected as Record<string, unknown>)[key], (got as Record<string, unknown>)[key], `${path}/${key}`);
      if (found !== undefined) return found;
    }
  }
  return `${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`;
}
