import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { contextOf, outputOf, valueOf } from '../../../src/kernel/status.ts';
import { statusIn } from '../../../src/kernel/xstate.ts';
import { castOf } from '../cast/pool.ts';
import { diceOf } from '../dice.ts';
import { violationsIn } from '../invariants/all.ts';
import type { Blow, Plan, Wish } from '../plan.ts';
import { planOf } from '../random-plan.ts';
import { simulate, type Run } from '../simulate.ts';
import { tellTo } from './effects.ts';
import { interpreted, type Outcome } from './interpreter.ts';
import { durable, foreigners } from './machines.ts';

const seeds = 12;
const cast = castOf(durable);

/** All ten, on hosts that are killed every few seconds, over a broker that has its own troubles. */
function planFor(seed: number): Plan {
  const dice = diceOf(seed + 1_000_000);
  const { settings } = planOf(seed);
  const blow = (): Blow => ({ at: dice.between('at', 50, 25_000), what: dice.pick('what', ['dies', 'dies', 'dies', 'is stopped', 'is cut', 'moves', 'repeats', 'restarts']), who: dice.between('who', 0, 1_000), ms: dice.between('ms', 0, 3_000) });
  const wishes = foreigners.flatMap(({ machine, script }): Wish[] => {
    const to: ActorName = `${machine.id}/f`;
    const create = { at: dice.between('create', 0, 5_000), to, command: 'create', body: {}, id: `${to}-create` };
    const words = script.map(([command, looks], index): Wish => ({
      at: create.at + index, to, command, body: {}, id: `${to}-${index}`,
      // One word after the other: the one before it is in the log.
      when: (state) => (index === 0 || state.taken.at(`${to}-${index - 1}`) !== undefined) && looks({ value: valueOf(state), context: contextOf(state) }),
    }));
    return [create, ...words];
  });
  return { seed, windowMs: 30_000, wishes, blows: Array.from({ length: 20 }, blow), spared: new Set(), settings: { ...settings, troubled: 0, workMs: 2_000, hosts: 2 } };
}

function endOf(run: Run, type: string): string {
  const state = run.chronicle.of(`${type}/f`)?.state;
  return state === undefined ? 'never created' : canonicalJson({ value: valueOf(state), context: contextOf(state), output: outputOf(state), status: statusIn(state.snapshot) });
}

/** Emits and actions as the logs ask for them: that each was done is an invariant. */
const askedIn = (run: Run): readonly string[] => run.chronicle.all().flatMap(({ effects }) => [...effects.values()].flatMap((effect) => {
  if (effect.kind === 'event.emit') return [`emit ${canonicalJson(effect.event)}`];
  return effect.kind === 'action.run' ? [`action ${effect.action} ${canonicalJson(effect.params)}`] : [];
}));

describe('given ten machines of foreign shape', () => {
  const expected = new Map<string, Outcome>();
  beforeAll(async () => {
    for (const foreign of foreigners) expected.set(foreign.machine.id, await interpreted(foreign));
  });

  test('when each runs in XState\'s own interpreter, then it ends, and does something on the way', () => {
    expect([...expected].filter(([, { end }]) => !end.includes('"status":"done"')).map(([id]) => id)).toEqual([]);
    expect([...expected].filter(([, { effects }]) => effects.length === 0).map(([id]) => id)).toEqual([]);
  });

  test(`when their hosts are killed at random (${seeds} seeds), then each ends as it does undisturbed, and did the same, each thing once`, async () => {
    let deaths = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const told: string[] = [];
      tellTo(told);
      const run = await simulate(planFor(seed), { cast });
      deaths += run.blows.filter(({ what }) => what === 'dies').length + run.faults.filter((fault) => fault.startsWith('dies')).length;
      expect(await violationsIn(run), `seed ${seed}`).toEqual([]);
      for (const { machine } of foreigners) expect(endOf(run, machine.id), `seed ${seed}, ${machine.id}`).toBe(expected.get(machine.id)?.end);
      expect([...askedIn(run), ...told].sort(), `seed ${seed}`).toEqual([...expected.values()].flatMap(({ effects }) => effects).sort());
    }
    console.log(`foreign machines: ${foreigners.length} under ${deaths} deaths of hosts`);
    expect(deaths).toBeGreaterThan(50);
  }, 120_000);
});
