import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { TerminalError } from '../../../src/kernel/errors.ts';
import type { LogRecord } from '../../../src/kernel/record.ts';
import { compiled } from '../../../src/kernel/xstate-compile.ts';
import { timeline } from '../../../src/projections/chart/time/timeline.ts';
import { boom, create, put, type Driven } from '../kernel/support/drive.ts';
import { randomChart } from '../kernel/support/random-chart.ts';

/** Two states, in turn; `folded` says how many records were folded since it was asked last. */
function ticking(records: number): { readonly definition: Definition; readonly log: readonly LogRecord[]; readonly folded: () => number } {
  let entries = 0;
  const definition = defineMachine({
    version: '1', machine: setup({ types: {} as { context: { n: number } }, actions: { count: assign({ n: ({ context }) => {
      entries++;
      return (context as { n: number }).n + 1;
    } }) } }).createMachine({
      id: 'ticker', context: { n: 0 }, initial: 'a', states: { a: { entry: 'count', after: { 1000: 'b' }, on: { tick: 'b' } }, b: { entry: 'count', after: { 2000: 'a' }, on: { tick: 'a' } } },
    }),
  });
  let actor = create(definition);
  const log = [...actor.log];
  while (log.length < records) {
    actor = { ...put({ ...actor, log: [] }, 'tick') };
    log.push(...actor.log);
  }
  return { definition, log, folded: () => {
    const since = entries;
    entries = 0;
    return since;
  } };
}

const wishes = ['e0', 'e1', 'e2', 'done', 'failed', 'timer'] as const;

/** The log of an actor that takes what it can of these. */
function logOf(definition: Definition, wanted: readonly (typeof wishes)[number][]): readonly LogRecord[] {
  const take = (actor: Driven, wish: (typeof wishes)[number]): Driven => {
    const [effect, { activity } = { activity: '' }] = Object.entries(actor.state.activities)[0] ?? ['1:1'];
    const [timer, { timer: name } = { timer: '' }] = Object.entries(actor.state.timers)[0] ?? ['1:1'];
    switch (wish) {
      case 'done': return put(actor, 'activity.completed', { effect, activity, output: 1 }, effect);
      case 'failed': return put(actor, 'activity.failed', { effect, activity, error: boom }, effect);
      case 'timer': return put(actor, 'timer.fired', { effect: timer, timer: name }, timer);
      default: return put(actor, wish);
    }
  };
  return wanted.reduce((actor, wish) => {
    try {
      return take(actor, wish);
    } catch (error) {
      if (error instanceof TerminalError) return actor;
      throw error;
    }
  }, create(definition)).log;
}

describe('time travel over a long log', () => {

  it('given a log of 10,000 records, then it is folded once, and any moment is at most a hundred records of folding away', () => {
    const { definition, log, folded } = ticking(10_000);
    folded();
    const line = timeline(definition, log);
    // Each way the chart goes is looked at twice when it is gone for the first time.
    expect(folded()).toBeLessThanOrEqual(10_010);
    for (let i = 0; i < 60; i++) {
      const seq = ((i * 7919) % 10_000) + 1;
      expect(line.at(seq).value).toBe(seq % 2 === 1 ? 'a' : 'b');
      expect(line.stateAt(seq).seq).toBe(seq);
      expect(folded()).toBeLessThanOrEqual(102);
    }
  });

  it('given somebody who walks through time, then a step folds a record or two', () => {
    const { definition, log, folded } = ticking(1_000);
    const line = timeline(definition, log);
    line.at(570);
    for (const seq of [571, 572, 571, 570, 569, 590]) {
      line.at(seq);
      folded();
      line.at(seq);
      expect(folded()).toBe(1);
    }
  });

  it('given charts of any shape that go ways they went before, then what they took is what XState says when it is asked', () => {
    let transitions = 0;
    fc.assert(fc.property(randomChart, fc.array(fc.constantFrom(...wishes), { maxLength: 14 }), (definition, wanted) => {
      const log = logOf(definition, wanted);
      const told = (): readonly unknown[] => timeline(definition, log).between(1, log.length).map((moment) => moment.transitions);
      const { memo } = compiled(definition);
      const alone = memo === undefined ? told() : memo.without(told);
      expect([told(), told()]).toEqual([alone, alone]);
      if (memo !== undefined) transitions += alone.flat().length;
    }), { numRuns: 40 });
    expect(transitions).toBeGreaterThan(20);
  });
});
