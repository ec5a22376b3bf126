import { z } from 'zod';

const change = z.object({ uri: z.string().min(1) });
const ms = z.int().positive();

/** What creates a run. `base` is assumed good and applied first; `head` is what is being verified. Times in ms. */
export const runInput = z.object({
  runner: z.string().min(1),
  base: z.array(change).default([]),
  head: z.array(change),
  metadata: z.record(z.string(), z.string()).default({}),
  /** From creation to the end of the build; then it is cancelled. */
  deadlineMs: ms.default(3_600_000),
  /** How long a cancelled build may take to stop before it is given up. */
  cancelGraceMs: ms.default(300_000),
  /** How often the runner is asked, by what it said last. */
  poll: z.object({ acceptedMs: ms.optional(), runningMs: ms.optional() }).default({}),
});

export type RunInput = z.output<typeof runInput>;

export interface Cadence {
  readonly acceptedMs: number;
  readonly runningMs: number;
}

/** Asking a runner on this machine costs a file or two; asking a service costs its quota. */
const local: Readonly<Record<string, Cadence>> = {
  noop: { acceptedMs: 100, runningMs: 100 },
  process: { acceptedMs: 500, runningMs: 500 },
  docker: { acceptedMs: 1000, runningMs: 1000 },
};
const remote: Cadence = { acceptedMs: 5000, runningMs: 2000 };

export function cadenceOf({ runner, poll }: Pick<RunInput, 'runner' | 'poll'>): Cadence {
  const usual = local[runner] ?? remote;
  return { acceptedMs: poll.acceptedMs ?? usual.acceptedMs, runningMs: poll.runningMs ?? usual.runningMs };
}
