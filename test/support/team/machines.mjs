// Machines for real worker processes, given to them as a user gives them: plain JavaScript on the compiled Millrace.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { assign, setup } from 'xstate';
import { z } from 'zod';
import { defineMachine, defineSaga, step } from '../../../dist/src/index.js';

const file = process.env.TEAM_FILE;
const note = (what, key) => appendFileSync(file, `${JSON.stringify({ what, key, pid: process.pid, at: Date.now() })}\n`);
const isDone = (key) => existsSync(file) && readFileSync(file, 'utf8').includes(`{"what":"done","key":${JSON.stringify(key)},`);
const pause = (ms, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); reject(new Error('aborted', { cause: signal.reason })); }, { once: true });
});

/** Three steps that take `ms` each; what is noted as done is the effect. */
const job = defineSaga({
  name: 'job', version: '1', input: z.object({ ms: z.number() }),
  steps: ['one', 'two', 'three'].map((name) => step({
    name, needs: z.object({ ms: z.number() }), gives: z.object({ [name]: z.string() }),
    check: async ({ stepKey }) => (isDone(stepKey) ? { [name]: stepKey } : undefined),
    run: async ({ input, signal, stepKey }) => {
      note('began', stepKey);
      await pause(input.ms, signal);
      note('done', stepKey);
      return { [name]: stepKey };
    },
  })),
});

/** Remembers the numbers it is told, in the order it is told. */
const tally = defineMachine({
  version: '1',
  commands: { add: z.object({ n: z.number() }) },
  machine: setup({ actions: { take: assign({ numbers: ({ context, event }) => [...context.numbers, event.n] }) } }).createMachine({
    id: 'tally', context: { numbers: [] }, on: { add: { actions: 'take' } },
  }),
});

export const machines = [job, tally];
