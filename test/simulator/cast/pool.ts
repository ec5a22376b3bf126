import type { ActivityCode, ActivityScope, Definition } from '../../../src/kernel/definition.ts';
import { makeYard, type Yard } from './builds.ts';
import { noHands, type Hands } from './hands.ts';
import { plains } from './plain.ts';
import { sagas } from './sagas.ts';

/** Definitions whose code passes through the hands they were lent last. */
export interface Lent {
  readonly definitions: readonly Definition[];
  lend(hands: Hands, yard: Yard): void;
}

/** Makes the definitions that a host carries. Making them takes longer than playing them: the n-th host of every run has the same ones. */
export type Cast = (nth: number) => Lent;

export function castOf(make: (hands: Hands) => readonly Definition[]): Cast {
  const pool: Lent[] = [];
  return (nth) => (pool[nth] ??= lentOf(make));
}

/** Everything Millrace runs, and a few machines of users. */
export const mixedCast: Cast = castOf((hands) => [...sagas(hands), ...plains(), ...makeYard().definitions()]);

function lentOf(make: (hands: Hands) => readonly Definition[]): Lent {
  let now = noHands;
  let yard: Yard | undefined;
  const hands: Hands = { work: (work) => now.work(work), act: (action, params) => now.act(action, params), has: (stepKey) => now.has(stepKey) };
  // Builds have one world that all hosts share, and it is another one in each run.
  const codeOf = (name: string, src: string): ActivityCode | undefined =>
    (name === 'build' || name === 'run' ? yard?.definitions().find(({ stamp }) => stamp.name === name)?.activities[src] : undefined);
  return {
    definitions: make(hands).map((definition) => through(definition, hands, (src) => codeOf(definition.stamp.name, src))),
    lend(given, its) { now = given; yard = its; },
  };
}

function through(definition: Definition, hands: Hands, otherCode: (src: string) => ActivityCode | undefined): Definition {
  const { name: machine } = definition.stamp;
  const activities = Object.entries(definition.activities).map(([src, code]): [string, ActivityCode] => [src, (scope) => {
    const { actor, key, input, signal } = scope as ActivityScope;
    return hands.work({ machine, actor, src, key, input, signal, code: () => (otherCode(src) ?? code)(scope) });
  }]);
  const actions = Object.keys(definition.actions).map((action) => [action, (_scope: unknown, params: unknown) => { hands.act(action, params); }] as const);
  return { ...definition, activities: Object.fromEntries(activities), actions: Object.fromEntries(actions) };
}
