/*
 * A7.2, and figure 3 of the issue: a poll chain whose worker is killed at any await. Every call of an undisturbed
 * chain (to the broker, to the log, to the backend) is a point; each schedule kills up to five workers, one after the
 * other, each before or after a random call of its own. The long campaign:
 *   MILLRACE_CHAIN_RUNS=200 MILLRACE_CHAIN_SEED=7 npx vitest run test/crash/run
 */
import { afterAll, describe, expect, test } from 'vitest';
import { seeded } from '../../support/random.ts';
import type { Hit } from '../matrix/life.ts';
import { calls, pollChain, type Chain } from './chain.ts';

const runs = Number(process.env.MILLRACE_CHAIN_RUNS ?? 40);
const seed = Number(process.env.MILLRACE_CHAIN_SEED ?? 20_260_102);
/** Acknowledgement wait, the dead worker's pin, and how late a schedule is. */
const leaseMs = 6_000 + 2_000 + 1_000;
/** A poll earlier than this is one that the cadence did not ask for. */
const early = (everyMs: number): number => everyMs - 50;

const totals = { kills: 0, schedules: 0, extra: 0, polls: 0, longest: 0, at: new Set<string>() };

function check(chain: Chain, everyMs: number): void {
  const { backend, output, kills, letters, left } = chain;
  expect(output).toMatchObject({ status: 'succeeded', buildId: 'b-run-r1' });
  expect([backend.builds.size, letters, left]).toEqual([1, 0, 0]);
  const times = backend.times('status');
  const gaps = times.slice(1).map((at, n) => ({ from: times[n] ?? 0, ms: at - (times[n] ?? 0) }));
  const extra = gaps.filter(({ ms }) => ms < early(everyMs)).length;
  expect(extra, 'calls between two of the cadence').toBeLessThanOrEqual(kills.length);
  // The backend counts calls: an answer nobody heard is one that was asked again.
  expect(times.length).toBeLessThanOrEqual(calls + kills.length);
  for (const { from, ms } of gaps) {
    const within = kills.filter(({ at }) => at >= from && at <= from + ms).length;
    expect(ms, `a gap with ${within} kills`).toBeLessThanOrEqual(everyMs + 200 + within * leaseMs);
    totals.longest = Math.max(totals.longest, ms);
  }
  totals.kills += kills.length;
  totals.schedules += 1;
  totals.extra += extra;
  totals.polls += times.length;
  for (const { what } of kills) totals.at.add(what.replace(/\d+/g, 'n'));
}

describe.each([200, 1500])('given a poll chain of one call each %d ms', (everyMs) => {
  test(`A7.2 given ${runs} schedules of deaths (seed ${seed}), when its workers are killed at any await, then it goes on, at one build, with at most one extra call a kill`, async () => {
    const model = await pollChain(everyMs);
    check(model, everyMs);
    expect(model.backend.count('status')).toBe(calls);
    const random = seeded(seed + everyMs);
    for (let schedule = 0; schedule < runs / 2; schedule++) {
      const hits = Array.from({ length: 1 + Math.floor(random.next() * 5) }, (): Hit => ({
        point: 1 + Math.floor(random.next() * model.points.length / 3), cut: random.next() < 0.5 ? 'before' : 'after', how: 'dies',
      }));
      await pollChain(everyMs, hits).then((chain) => { check(chain, everyMs); }).catch((error: unknown) => {
        throw new Error(`schedule ${schedule}, ${hits.map(({ cut, point }) => `${cut} ${point}`).join(', ')}: ${String(error)}`, { cause: error });
      });
    }
  }, 60_000 + runs * 2_000);

  test('A7.2 given every call of a chain up to its second check, when its worker dies before it or after it, then the same holds', async () => {
    const { points } = await pollChain(everyMs);
    const fired = points.flatMap((what, index) => (what.includes('timer.fired') ? [index] : []));
    for (let point = 1; point <= (fired[1] ?? 0) + 8; point++) {
      for (const cut of ['before', 'after'] as const) check(await pollChain(everyMs, [{ point, cut, how: 'dies' }]), everyMs);
    }
  }, 60_000);
});

afterAll(() => {
  console.log(`poll chains: ${totals.schedules}, ${totals.kills} workers killed at ${totals.at.size} kinds of calls, ${totals.polls} polls of which ${totals.extra} extra, longest gap ${totals.longest} ms, seed ${seed}`);
});
