// A saga whose effect is a key in a world that takes each key once and for ever, for worker processes that are paused in the middle of it.
import { existsSync, appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { assign, setup } from 'xstate';
import { z } from 'zod';
import { defineMachine, defineSaga, step } from '../../../dist/src/index.js';

const file = process.env.TEAM_FILE;
const world = `${file}.world`;
mkdirSync(world, { recursive: true });
const note = (what, key) => appendFileSync(file, `${JSON.stringify({ what, key, pid: process.pid, at: Date.now() })}\n`);
const placeOf = (key) => join(world, key.replaceAll('/', '.'));

/** The key is free, or was used: whatever became of it, it is not used again. */
function apply(key) {
  try {
    writeFileSync(placeOf(key), 'there', { flag: 'wx' });
    note('applied', key);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    note('refused', key);
  }
}

/** One step, which waits at a gate right before its effect. */
const keyed = defineSaga({
  name: 'job', version: '1', input: z.object({}),
  steps: [step({
    name: 'one', needs: z.object({}), gives: z.object({ one: z.string() }),
    run: async ({ signal, stepKey }) => {
      note('began', stepKey);
      while (!existsSync(`${file}.gate`)) await pause(10, undefined, { signal });
      apply(stepKey);
      return { one: String(process.pid) };
    },
    undo: async ({ stepKey }) => writeFileSync(placeOf(stepKey), 'taken back'),
  })],
});

/** Remembers the numbers it is told, in the order it is told. */
const tally = defineMachine({
  version: '1',
  commands: { add: z.object({ n: z.number() }) },
  machine: setup({ actions: { take: assign({ numbers: ({ context, event }) => [...context.numbers, event.n] }) } }).createMachine({
    id: 'tally', context: { numbers: [] }, on: { add: { actions: 'take' } },
  }),
});

export const machines = [keyed, tally];
