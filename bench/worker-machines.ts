import { appendFileSync } from 'node:fs';
import { setup } from 'xstate';
import { z } from 'zod';
import { defineMachine, defineSaga, step } from '../src/index.ts';
import type { Definition } from '../src/kernel/definition.ts';

const needs = z.object({ n: z.number() });

/** Eleven steps, each of which writes down that it ran: a line `<actor> <step>` in `file`. */
export const counted = (file: string): Definition => defineSaga({
  name: 'counted', version: '1', input: needs,
  steps: Array.from({ length: 11 }, (_, index) => step({
    name: `step-${index + 1}`, needs, gives: z.object({ [`out${index + 1}`]: z.number() }),
    run: async ({ input, actor }) => {
      appendFileSync(file, `${actor} ${index + 1}\n`);
      return { [`out${index + 1}`]: input.n };
    },
    undo: async () => undefined,
  })),
});

/** Waits for `wake` or for tomorrow. */
export const parked = defineMachine({
  version: '1',
  machine: setup({}).createMachine({
    id: 'parked', initial: 'asleep',
    states: { asleep: { on: { wake: 'awake' }, after: { 86_400_000: 'awake' } }, awake: { on: { sleep: 'asleep' } } },
  }),
});
