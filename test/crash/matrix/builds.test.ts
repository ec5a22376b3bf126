/*
 * The crash matrix of the build saga: undisturbed, failing after each step's work, stopped at each step and started
 * again, cancelled at each step. Each story is played undisturbed once, in virtual time, and every call its host makes
 * is written down: each append, message, schedule, acknowledgement, line on the board, and each change to the world.
 * Then it is played again for each of them, its host dies before the call or after it, and another one comes.
 *
 * `npm test` dies at every call from the wish on until what follows from it begins to repeat itself, and at every
 * ninth elsewhere, before one and after the next. All of them, before and after each, some minutes:
 *   MILLRACE_CRASH_BUILDS=all npx vitest run test/crash/matrix/builds
 */
import { afterAll, describe, expect, test } from 'vitest';
import { cancelledBuilds, completedBuild, failedBuilds, stoppedBuilds } from './builds.ts';
import { disturb, everyDeath, modelOf, newTally, type Model } from './campaign.ts';
import type { Hit } from './life.ts';
import { makeSite } from './site.ts';

const all = process.env.MILLRACE_CRASH_BUILDS === 'all';
const timeout = all ? 600_000 : 60_000;
const stories = [completedBuild, ...failedBuilds, ...stoppedBuilds, ...cancelledBuilds];
const tally = newTally();
let calls = 0;

/** How many calls behind a wish are close to it. */
const reach = 12;

function hitsOf(model: Model): readonly Hit[] {
  const deaths = everyDeath(model);
  calls += deaths.length / 2;
  if (all) return deaths;
  const wishes = model.points.flatMap((what, index) => (/^append build\/b1 \d+ (stop|start|cancel)$/.test(what) ? [index + 1] : []));
  const close = ({ point }: Hit): boolean => point % 9 === 0 || wishes.some((wish) => point >= wish - 2 && point <= wish + reach);
  // What is left after one call is nearly what is left before the next, so half of them are struck on either side.
  return deaths.filter(({ point, cut }) => cut === (point % 2 === 0 ? 'before' : 'after')).filter(close);
}

describe.each(stories.map((scenario) => ({ scenario, name: scenario.name })))('given $name', ({ scenario }) => {
  test('when its host dies before or after any call and another one comes, then it ends as if undisturbed, each effect once', async () => {
    const model = await modelOf(scenario);
    expect(model.run.world.status('build/b1')).toBe(scenario.ends['build/b1']);
    // Undone is undone: what a build left that did not complete is what there was before.
    if (scenario.ends['build/b1'] !== 'completed') expect(model.outcome.site).toEqual(makeSite().world.picture());
    const before = tally.failures.length;
    for (const hit of hitsOf(model)) await disturb(model, [hit], tally);
    expect(tally.failures.slice(before)).toEqual([]);
  }, timeout);
});

test('given all those deaths, when they are counted, then a host died at every single one', () => {
  expect(tally.meant).toBeGreaterThan(stories.length * 10);
  expect(tally.struck).toBe(tally.meant);
  if (all) expect(tally.meant).toBe(2 * calls);
});

afterAll(() => {
  console.log(`crash matrix of the build: ${tally.struck} of ${tally.meant} deaths were reached, ${all ? 'before and after all' : 'before or after some'} of the ${calls} calls of ${stories.length} stories`);
});
