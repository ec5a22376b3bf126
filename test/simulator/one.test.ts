import { test } from 'vitest';
import { planOf } from './random-plan.ts';
import { simulate } from './simulate.ts';
import { violationsIn } from './invariants/all.ts';
import { valueOf, contextOf } from '../../src/kernel/status.ts';
test('one', async () => {
  const seed = Number(process.env.SEED);
  const run = await simulate(planOf(seed));
  const v = await violationsIn(run);
  console.log(JSON.stringify(run.plan.settings), run.plan.windowMs);
  const start = Date.UTC(2026, 0, 1);
  for (const s of run.chronicle.all()) if (!process.env.ACTOR || s.actor === process.env.ACTOR) console.log(s.actor, JSON.stringify(s.state && valueOf(s.state)), JSON.stringify(s.state && contextOf(s.state)).slice(0, 300), '\n' + s.records.map((r) => `  ${r.seq} +${r.at - start} ${r.type} ${r.cause} ${JSON.stringify(r.data).slice(0, 200)}`).join('\n'));
  console.log(run.plan.wishes.map((w) => `${w.at} ${w.to} ${w.command} ${w.id}`).join('\n'));
  console.log(JSON.stringify(run.blows), run.faults.slice(0,60));
  for (const x of v) console.log(x.invariant, x.text.slice(0, 500));
  for (const l of await run.broker.dead.list()) console.log('dead', l.subject, l.code, l.reason);
}, 600_000);
