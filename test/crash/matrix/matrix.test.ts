/*
 * Every scenario is played undisturbed once, in virtual time, and every call its host makes is written down: each
 * append, send, schedule, cancelled schedule, acknowledgement, line on the board, dead letter, emit, action, and effect
 * of an activity. Then it is played again for each of them, and the host dies before the call, or after it. At every
 * third call it goes deaf and lives on beside the next host, or is asked to stop. It must end as it did undisturbed.
 *
 * A longer campaign of hosts hit one after the other at random calls:
 *   MILLRACE_CRASH_RUNS=500 MILLRACE_CRASH_SEED=7 npx vitest run test/crash/matrix
 * runs 500 for each scenario instead of 5, and parts at every call; a failure names the hits, and the seed brings them back.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { Definition } from '../../../src/kernel/definition.ts';
import { seeded } from '../../support/random.ts';
import { disturb, everyDeath, everyParting, keepLogs, modelOf, newTally, randomHits } from './campaign.ts';
import { brokenPrefixes, definitionFor, digestOf, digestsElsewhere, type Log } from './logs.ts';
import { scenarios } from './scenarios.ts';

const runs = Number(process.env.MILLRACE_CRASH_RUNS ?? 5);
const seed = Number(process.env.MILLRACE_CRASH_SEED ?? 20_260_101);
const isLong = runs > 5;
const timeout = 60_000 + runs * 1_000;

const each = newTally();
const parted = newTally();
const random = newTally();

describe.each(scenarios.map((scenario, index) => ({ scenario, index, name: scenario.name })))('given $name', ({ scenario, index }) => {
  test('when nothing happens, then it ends as it should', async () => {
    const { run, points } = await modelOf(scenario);
    expect([...run.ledger.stock].sort()).toEqual([...scenario.stock].sort());
    expect(Object.keys(scenario.ends).map((actor) => run.world.status(actor as never))).toEqual(Object.values(scenario.ends));
    expect(points.length).toBeGreaterThan(5);
    keepLogs(each, scenario, run);
  });

  test('when its host dies before or after any call, then it ends as if undisturbed, each effect once', async () => {
    const model = await modelOf(scenario);
    const before = each.failures.length;
    for (const hit of everyDeath(model)) await disturb(model, [hit], each);
    expect(each.failures.slice(before)).toEqual([]);
  }, timeout);

  test('when its host goes deaf and lives on beside the next one, or is asked to stop, then it ends as if undisturbed, each effect once', async () => {
    const model = await modelOf(scenario);
    const before = parted.failures.length;
    for (const hit of everyParting(model, isLong ? 1 : 3)) await disturb(model, [hit], parted);
    expect(parted.failures.slice(before)).toEqual([]);
  }, timeout);

  test(`when two hosts are hit one after the other at random calls (seed ${seed}), then it ends as if undisturbed, each effect once`, async () => {
    const model = await modelOf(scenario);
    const numbers = seeded(seed + index);
    const before = random.failures.length;
    for (let n = 0; n < runs; n++) await disturb(model, randomHits(model, numbers), random);
    expect(random.failures.slice(before)).toEqual([]);
  }, timeout);
});

describe('given every log these runs left', () => {
  const all = (): Log[] => [...new Map([...each.logs, ...parted.logs, ...random.logs]).values()];
  const definitions = new Map<string, Definition>();
  const known = (log: Log): Definition => {
    const scenario = scenarios.find(({ name }) => name === log.scenario);
    if (scenario === undefined) throw new Error(`there is no scenario "${log.scenario}"`);
    const key = `${log.scenario} ${String(log.records[0]?.machine.name)}`;
    const definition = definitions.get(key) ?? definitionFor(scenario, log);
    definitions.set(key, definition);
    return definition;
  };

  test('when it is folded from any frozen prefix, then the state is the same byte for byte', () => {
    expect(all().length).toBeGreaterThan(0);
    for (const log of all()) expect(brokenPrefixes(known(log), log.records)).toEqual([]);
  }, timeout);

  test('when it is folded in another process, then the state is the same byte for byte', async () => {
    const there = await digestsElsewhere(all());
    expect(there).toEqual(all().map((log) => digestOf(known(log), log.records)));
  }, timeout);
});

test('given all calls of all scenarios, when they are counted, then a host died at every single one, before and after', () => {
  expect(each.meant).toBeGreaterThan(0);
  expect(each.struck).toBe(each.meant);
  expect(parted.struck).toBe(parted.meant);
});

afterAll(() => {
  console.log(`crash matrix: ${each.struck} of ${each.meant} deaths at ${each.meant / 2} calls of ${scenarios.length} scenarios; ${parted.struck} partings; ${random.struck} random hits in ${random.meant / 2} runs, seed ${seed}; ${new Map([...each.logs, ...parted.logs, ...random.logs]).size} logs replayed`);
});
