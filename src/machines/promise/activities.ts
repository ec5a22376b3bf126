import { activity } from '../../kernel/activity.ts';
import { TerminalError } from '../../kernel/errors.ts';
import type { Declared, Declarer, Promised } from './declarer.ts';
import { promiseActor } from './input.ts';

export interface PromisePorts {
  readonly declarer: Declarer;
  /** Has this build's run ended? */
  readonly isOver: (build: string) => Promise<boolean>;
}

/** An attempt, and whether the build was over by then; only asked when nothing is settled. */
export type Attempted = Declared & { readonly over?: boolean };

/** How often it is looked whether the build of a pending promise has ended, ms. */
const lookMs = 2000;

/** The code behind the chart: one attempt to declare, and the look-out for the build's end between two of them. */
export const promiseActivities = ({ declarer, isOver }: PromisePorts) => ({
  declare: activity<Attempted, Promised>(async ({ input, actor, signal }) => {
    if (actor !== promiseActor(input)) return { verdict: 'refused', code: 'wrong_name', message: `${actor} cannot speak of ${input.build} and exit status ${input.exitStatus}` };
    const declared = await declarer.declare(input, actor, signal).catch((error: unknown) => fromError(error, signal));
    if (declared.verdict !== 'later') return declared;
    // Nobody to ask is no sign that the build has ended.
    return { ...declared, over: await isOver(input.build).catch(() => false) };
  }),
  watchBuild: activity<null, Promised>(async ({ input, wait }) => {
    do await wait(lookMs);
    while (!(await isOver(input.build).catch(() => false)));
    return null;
  }),
});

/** What a declarer throws is no answer of an upstream; only a terminal error can never be helped. */
function fromError(error: unknown, signal: AbortSignal): Declared {
  if (signal.aborted) throw error;
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { readonly code?: unknown }).code;
  return { verdict: error instanceof TerminalError ? 'refused' : 'later', code: typeof code === 'string' ? code : 'declarer_failed', message };
}
