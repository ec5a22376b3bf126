import { expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { defineMachine } from '../../../src/kernel/define.ts';
import { recordedAt } from '../../../src/kernel/recorded-at.ts';
import { fold } from '../../../src/kernel/replay.ts';
import { contextOf } from '../../../src/kernel/status.ts';
import { bytes, create, fire, put } from './support/drive.ts';

const clock = defineMachine({
  version: '1',
  machine: setup({
    types: {} as { context: { made: number; seen: number; due: number }; events: { type: 'look' } },
    actions: { look: assign({ seen: (args) => recordedAt(args) }) },
    delays: { rest: (args) => args.context.due - recordedAt(args) },
  }).createMachine({
    id: 'clock', context: ({ self }) => ({ made: recordedAt({ self }), seen: 0, due: recordedAt({ self }) + 10_000 }), initial: 'a',
    states: { a: { on: { look: { target: 'b', actions: 'look' } } }, b: { after: { rest: { target: 'c', actions: 'look' } } }, c: {} },
  }),
});

it('given charts that ask what time it is, when their records are folded, then it is the record\'s time, in the context, an assign and a delay, and on every replay', () => {
  const made = create(clock);
  const looked = put(made, 'look', {}, undefined, 1_004_000);
  expect(contextOf(looked.state)).toEqual({ made: 1_001_000, seen: 1_004_000, due: 1_011_000 });
  expect(Object.values(looked.state.timers)).toMatchObject([{ due: 1_011_000 }]);
  const rung = fire(looked, 'rest', 1_011_003);
  expect(contextOf(rung.state)).toMatchObject({ seen: 1_011_003 });
  expect(bytes(fold(clock, rung.log).state)).toBe(bytes(rung.state));
});

it('given a place without a record, when it asks, then it hears 0', () => {
  expect(recordedAt({ self: {} })).toBe(0);
});
