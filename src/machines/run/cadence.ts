import type { RunInput } from './input.ts';

/** How often a runner is asked, ms, and how long one check may go on asking. */
export interface Cadence {
  readonly acceptedMs: number;
  readonly runningMs: number;
  readonly stoppedMs: number;
  readonly watchMs: number;
}

type Usual = Pick<Cadence, 'acceptedMs' | 'runningMs'>;

/** Asking a runner on this machine costs a file or two; asking a service costs its quota. */
const local: Readonly<Record<string, Usual>> = {
  noop: { acceptedMs: 100, runningMs: 100 },
  process: { acceptedMs: 500, runningMs: 500 },
  scripted: { acceptedMs: 500, runningMs: 500 },
  docker: { acceptedMs: 1000, runningMs: 1000 },
};
const remote: Usual = { acceptedMs: 5000, runningMs: 2000 };

export function cadenceOf({ runner, poll }: Pick<RunInput, 'runner' | 'poll'>): Cadence {
  const usual = local[runner] ?? remote;
  return {
    acceptedMs: poll.acceptedMs ?? usual.acceptedMs, runningMs: poll.runningMs ?? usual.runningMs,
    stoppedMs: poll.stoppedMs ?? 30_000, watchMs: poll.watchMs ?? 5000,
  };
}

/** Below this a check goes on asking; from here on every call is a message of its own (decision 0007). */
export const shortCadenceMs = 1000;
