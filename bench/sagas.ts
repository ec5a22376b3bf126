import { z } from 'zod';
import { TerminalError } from '../src/kernel/errors.ts';
import { defineSaga, step } from '../src/index.ts';

const steps = 11;
const failing = 9;

const needs = z.object({ n: z.number() });

const stepsFailingAt = (at: number) => Array.from({ length: steps }, (_, index) => step({
  name: `step-${index + 1}`,
  needs,
  gives: z.object({ [`out${index + 1}`]: z.number() }),
  run: async ({ input }) => {
    if (index + 1 === at) throw new TerminalError('bench_failure', 'this step always fails');
    return { [`out${index + 1}`]: input.n + index };
  },
  undo: async () => undefined,
}));

/** Eleven steps that do nothing: what is measured is Millrace. */
export const eleven = defineSaga({ name: 'eleven', version: '1', input: needs, steps: stepsFailingAt(0) });

/** The same, failing at step 9: its own undo runs ("maybe applied"), then eight more. */
export const turning = defineSaga({ name: 'turning', version: '1', input: needs, steps: stepsFailingAt(failing) });
