import { storyOf } from './cast/stories.ts';
import { diceOf, type Dice } from './dice.ts';
import type { FaultRates } from './faults.ts';
import type { Blow, Plan, Settings } from './plan.ts';

/** What the seed makes happen. */
export function planOf(seed: number): Plan {
  const dice = diceOf(seed);
  const windowMs = dice.between('window', 20_000, 90_000);
  const actors = dice.between('actors', 2, 6);
  return {
    seed, windowMs, settings: settingsOf(dice), spared: new Set(),
    wishes: Array.from({ length: actors }, (_, index) => storyOf(dice, index, windowMs)).flat().sort((a, b) => a.at - b.at),
    blows: blowsOf(dice, windowMs),
  };
}

const settingsOf = (dice: Dice): Settings => ({
  hosts: dice.between('hosts', 1, 3),
  ackWaitMs: dice.pick('ack wait', [2_000, 5_000, 5_000, 10_000]),
  dedupeMs: dice.pick('dedupe', [10_000, 30_000, 120_000]),
  lateMs: dice.pick('late', [0, 250, 250, 3_000]),
  skewMs: dice.pick('skew', [0, 0, 100, 2_000]),
  cacheSize: dice.pick('cache', [1, 2, 10_000]),
  idleMs: dice.pick('idle', [500, 5_000, 30_000]),
  snapshotEvery: dice.pick('snapshots', [1, 3, 8, 200]),
  workMs: dice.pick('work', [300, 3_000, 12_000, 40_000]),
  troubled: dice.pick('troubled', [0, 0.1, 0.25]),
  rates: ratesOf(dice),
});

/** Some seeds know only one kind of trouble, some all of them, some none. */
function ratesOf(dice: Dice): FaultRates {
  const rate = (fault: string, usual: number, much: number): number => dice.pick(`rate ${fault}`, [0, 0, usual, usual, much]);
  return {
    lost: rate('lost', 0.02, 0.15), unanswered: rate('unanswered', 0.02, 0.12), late: rate('late', 0.01, 0.08), slow: rate('slow', 0.01, 0.06),
    conflict: rate('conflict', 0.01, 0.05), 'dies-before': rate('dies-before', 0.004, 0.015), 'dies-after': rate('dies-after', 0.004, 0.015), waits: rate('waits', 0.01, 0.06),
  };
}

const kinds = ['dies', 'dies', 'is stopped', 'joins', 'is cut', 'is deaf', 'moves', 'moves', 'repeats', 'repeats', 'resets', 'restarts'] as const satisfies readonly Blow['what'][];

const blowsOf = (dice: Dice, windowMs: number): readonly Blow[] => Array.from({ length: dice.between('blows', 0, 12) }, (): Blow => ({
  at: dice.between('blow at', 100, windowMs), what: dice.pick('blow', [...kinds]), who: dice.between('blow who', 0, 1_000), ms: dice.between('blow ms', 0, 9_000),
})).sort((a, b) => a.at - b.at);
