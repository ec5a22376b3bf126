// Run by `npm run simulate`: many seeds, or one of them again.
import { parseArgs } from 'node:util';
import { explained, judged, newTally, trySeed, type Tally } from './campaign.ts';
import { planOf } from './random-plan.ts';
import { tell } from './tell.ts';

const usage = 'npm run simulate -- --seeds N [--from SEED] | --seed SEED [--shrink]';

function wholeNumber(name: string, text: string | undefined, fallback: number): number {
  const number = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  process.stderr.write(`--${name} is ${String(text)}; give a whole number from 0\n${usage}\n`);
  process.exit(2);
}

const said = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `${what} ${times}`).join(', ');

function report(tally: Tally, seconds: number): void {
  process.stdout.write(`${tally.seeds} seeds in ${seconds.toFixed(0)} s, ${(tally.seeds / seconds).toFixed(1)} a second\n`
    + `${tally.actors} actors, ${tally.records} records, ${tally.wishes} commands, ${tally.hosts} hosts\n`
    + `to hosts and broker: ${said(tally.blows)}\nto calls: ${said(tally.faults)}\n`
    + `${tally.failed.length === 0 ? 'no invariant was broken' : `broken by the seeds ${tally.failed.join(', ')}`}\n`);
}

async function campaign(from: number, seeds: number): Promise<void> {
  const tally = newTally();
  const begun = performance.now();
  for (let seed = from; seed < from + seeds; seed++) {
    const verdict = await trySeed(seed, tally);
    const [first] = verdict.violations;
    if (first !== undefined) process.stdout.write(`seed ${seed}: ${first.invariant} ${first.text}\n`);
    // The first few with all that is known: the others are likely the same again.
    if (first !== undefined && tally.failed.length <= 3) process.stdout.write(`${await explained(verdict)}\n`);
    if (tally.seeds % 1_000 === 0 && tally.seeds < seeds) report(tally, (performance.now() - begun) / 1_000);
  }
  report(tally, (performance.now() - begun) / 1_000);
  if (tally.failed.length > 0) process.exitCode = 1;
}

async function one(seed: number, shrink: boolean): Promise<void> {
  const verdict = await judged(planOf(seed));
  process.stdout.write(`${shrink && verdict.violations.length > 0 ? await explained(verdict) : tell(verdict.run, verdict.violations)}\n`);
  if (verdict.violations.length > 0) process.exitCode = 1;
}

const { values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' }, shrink: { type: 'boolean', default: false } } });
if (values.seed === undefined) await campaign(wholeNumber('from', values.from, 1), wholeNumber('seeds', values.seeds, 1_000));
else await one(wholeNumber('seed', values.seed, 0), values.shrink);
