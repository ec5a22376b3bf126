import { test } from 'vitest';
import { planOf } from './random-plan.ts';
import { simulate } from './simulate.ts';
import { violationsIn } from './invariants/all.ts';
test('try', async () => {
  const from = Number(process.env.FROM ?? 1), n = Number(process.env.N ?? 20);
  const t0 = performance.now(); let records = 0, bad = 0, faults=0;
  const counts: Record<string, number> = {};
  for (let seed = from; seed < from + n; seed++) {
    const run = await simulate(planOf(seed));
    const v = await violationsIn(run);
    records += run.broker.all().length; faults += run.faults.length;
    if (v.length) { bad++; console.log(seed, v.slice(0, 4).map((x) => `${x.invariant}: ${x.text}`.slice(0, 400))); for (const x of v) counts[x.invariant] = (counts[x.invariant] ?? 0) + 1; }
  }
  console.log({ n, bad, records, faults, ms: performance.now() - t0, counts });
}, 600_000);
