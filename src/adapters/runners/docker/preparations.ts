import { stat } from 'node:fs/promises';
import { TerminalError } from '../../../kernel/errors.ts';
import type { DockerRequest } from './container.ts';
import { infrastructure, outcomeOfFailure, sideFailed, type Outcome } from './outcome.ts';
import type { Place } from './place.ts';
import type { Plan } from './plan.ts';
import { prepare } from './prepare.ts';
import type { DockerTools } from './tools.ts';

interface Preparation {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  error?: Error;
  over: boolean;
}

/** The containers this worker brings to run, one preparation for each at a time, in the background. */
export interface Preparations {
  /** Bring it to run, unless that is under way. */
  go(place: Place, request: DockerRequest, plan: Plan): void;
  /**
   * What has become of it: an outcome when it can never run. @throws what a retry may mend; the next `go`
   * begins anew.
   */
  check(place: Place, plan: Plan): Promise<Outcome | undefined>;
  /** Break it off and wait for that. */
  stop(place: Place): Promise<void>;
  /** True while it is under way here. */
  has(place: Place): boolean;
  close(): void;
}

export function preparations(tools: DockerTools): Preparations {
  const all = new Map<string, Preparation>();
  return {
    go(place, request, plan) {
      const { container } = place;
      if (all.has(container)) return;
      const abort = new AbortController();
      const done = prepare(tools, place, request, plan, abort.signal).then(
        () => { mine.over = true; all.delete(container); },
        (error: unknown) => { mine.over = true; mine.error = error instanceof Error ? error : new Error('the preparation failed', { cause: error }); },
      );
      const mine: Preparation = { abort, done, over: false };
      all.set(container, mine);
    },
    async check(place, plan) {
      const mine = all.get(place.container);
      if (mine === undefined) return undefined;
      if (!mine.over) return overdue(place, plan);
      all.delete(place.container);
      if (mine.error instanceof TerminalError) return outcomeOfFailure(mine.error, place.blamed);
      if (mine.error !== undefined && !mine.abort.signal.aborted) throw mine.error;
      return undefined;
    },
    async stop({ container }) {
      const mine = all.get(container);
      mine?.abort.abort();
      await mine?.done;
      all.delete(container);
    },
    has: ({ container }) => all.get(container)?.over === false,
    close() {
      for (const { abort } of all.values()) abort.abort();
    },
  };
}

/** The time limit counts from the wish on while the image is made, and anew once the container runs. */
async function overdue(place: Place, plan: Plan): Promise<Outcome | undefined> {
  const asked = await stat(place.asked).catch(() => undefined);
  if (asked === undefined || Date.now() - asked.mtimeMs < plan.limits.timeoutMs) return undefined;
  return plan.image === undefined && plan.fallback === undefined
    ? sideFailed(place.blamed, 'timeout', `the image was not built within ${plan.limits.timeoutMs} ms`)
    : infrastructure('timeout', `the container could not be made ready within ${plan.limits.timeoutMs} ms`);
}
