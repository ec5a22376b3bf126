import type { Definition } from '../../../src/kernel/definition.ts';
import { noHands, type Hands } from './hands.ts';
import type { Scenario } from './scenario.ts';

/** Definitions whose code uses the hands it was lent last. */
export interface Lent {
  readonly definitions: readonly Definition[];
  readonly lend: (hands: Hands) => void;
}

const made = new WeakMap<Scenario, Lent[]>();

/** Making definitions takes longer than playing them: the n-th host of every run of a scenario has the same ones. */
export function definitionsFor(scenario: Scenario, nth: number): Lent {
  const all = made.get(scenario) ?? [];
  made.set(scenario, all);
  return (all[nth] ??= make(scenario));
}

function make(scenario: Scenario): Lent {
  let now = noHands;
  const hands: Hands = {
    act: (deed) => now.act(deed), work: (work, code) => now.work(work, code), pass: (what, call) => now.pass(what, call),
    site: () => now.site(), notice: (what) => now.notice(what), has: (what) => now.has(what),
  };
  return { definitions: scenario.definitions(hands), lend: (given) => { now = given; } };
}
