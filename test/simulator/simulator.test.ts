import { describe, expect, test } from 'vitest';
import { digestOf, explained, judged, newTally, trySeed } from './campaign.ts';
import type { Plan } from './plan.ts';
import { planOf } from './random-plan.ts';

/** These seeds were found before calls could wait: with that, they would be other stories. */
const asFound = (seed: number): Plan => {
  const plan = planOf(seed);
  return { ...plan, settings: { ...plan.settings, rates: { ...plan.settings.rates, waits: 0 } } };
};

/** The slice that every run of the tests plays; `npm run simulate -- --seeds 10000` is the campaign. */
const seeds = 120;

describe('the simulator', () => {
  test(`given hosts, actors and commands by ${seeds} seeds, when calls, hosts and broker fail as these will, then no invariant is broken`, async () => {
    const tally = newTally();
    for (let seed = 1; seed <= seeds; seed++) {
      const verdict = await trySeed(seed, tally);
      if (verdict.violations.length > 0) expect.fail(await explained(verdict));
    }
    console.log(`simulator: ${tally.seeds} seeds, ${tally.actors} actors, ${tally.records} records, ${tally.hosts} hosts; ${JSON.stringify(tally.faults)} ${JSON.stringify(tally.blows)}`);
    // Every kind of trouble was there.
    expect(Object.keys(tally.faults).sort()).toEqual(['conflict', 'dies-after', 'dies-before', 'late', 'lost', 'slow', 'unanswered', 'waits']);
    expect(Object.keys(tally.blows).sort()).toEqual(['dies', 'is cut', 'is deaf', 'is stopped', 'joins', 'moves', 'repeats', 'resets', 'restarts']);
  }, 300_000);

  test.each([21069, 23882, 24416])('given seed %i, in which a build is cancelled while the host that reads its source is deaf, when that host ends its work, then nothing of the build stays', async (seed) => {
    const verdict = await judged(asFound(seed));
    expect(verdict.violations).toEqual([]);
  }, 60_000);

  test('given seed 9620, in which a host that ends its work hears nothing of an append that was stored, when another end is recorded after it, then the action of the first is run all the same', async () => {
    const verdict = await judged(asFound(9620));
    expect(verdict.violations).toEqual([]);
  }, 60_000);

  test('given seed 427, in which a line of the board takes seconds to arrive and its host dies meanwhile, when the command came again before that, then it was not acknowledged, and the board says in the end what the log says', async () => {
    const verdict = await judged(planOf(427));
    expect(verdict.violations).toEqual([]);
  }, 60_000);

  test('given the same seed, when it is played twice, then every byte of every log is the same, and another seed has others', async () => {
    const digests: string[] = [];
    for (const seed of [11, 12, 11, 12]) {
      const { run } = await judged(planOf(seed));
      expect(run.broker.all().length).toBeGreaterThan(0);
      digests.push(digestOf(run));
    }
    expect(digests[0]).toBe(digests[2]);
    expect(digests[1]).toBe(digests[3]);
    expect(digests[0]).not.toBe(digests[1]);
  });
});
