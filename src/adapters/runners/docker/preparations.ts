import { stat } from 'node:fs/promises';
import { TerminalError } from '../../../kernel/errors.ts';
import type { BuildId } from '../../../machines/run/runner.ts';
import type { RunFolder } from '../process/folder.ts';
import type { DockerRequest } from './container.ts';
import { headFailed } from '../process/outcome.ts';
import { infrastructure, outcomeOfFailure, type Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { prepare } from './prepare.ts';
import type { DockerTools } from './tools.ts';

interface Preparation {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  error?: Error;
  over: boolean;
}

/** The builds this worker brings to run, one preparation a build at a time, each in the background. */
export interface Preparations {
  /** Bring it to run, unless that is under way. */
  go(folder: RunFolder, request: DockerRequest, plan: Plan): void;
  /**
   * What has become of it: an outcome when it can never run. @throws what a retry may mend; the next `go`
   * begins anew.
   */
  check(folder: RunFolder, plan: Plan): Promise<Outcome | undefined>;
  /** Break it off and wait for that. */
  stop(id: BuildId): Promise<void>;
  /** True while it is under way here. */
  has(id: BuildId): boolean;
  close(): void;
}

export function preparations(tools: DockerTools): Preparations {
  const all = new Map<BuildId, Preparation>();
  return {
    go(folder, request, plan) {
      if (all.has(folder.id)) return;
      const abort = new AbortController();
      const done = prepare(tools, folder, request, plan, abort.signal).then(
        () => { mine.over = true; all.delete(folder.id); },
        (error: unknown) => { mine.over = true; mine.error = error instanceof Error ? error : new Error('the preparation failed', { cause: error }); },
      );
      const mine: Preparation = { abort, done, over: false };
      all.set(folder.id, mine);
    },
    async check(folder, plan) {
      const mine = all.get(folder.id);
      if (mine === undefined) return undefined;
      if (!mine.over) return overdue(folder, plan);
      all.delete(folder.id);
      if (mine.error instanceof TerminalError) return outcomeOfFailure(mine.error);
      if (mine.error !== undefined && !mine.abort.signal.aborted) throw mine.error;
      return undefined;
    },
    async stop(id) {
      const mine = all.get(id);
      mine?.abort.abort();
      await mine?.done;
      all.delete(id);
    },
    has: (id) => all.get(id)?.over === false,
    close() {
      for (const { abort } of all.values()) abort.abort();
    },
  };
}

/** The time limit counts from the request on while the image is made, and anew once the container runs. */
async function overdue(folder: RunFolder, plan: Plan): Promise<Outcome | undefined> {
  const asked = await stat(folder.request).catch(() => undefined);
  if (asked === undefined || Date.now() - asked.mtimeMs < plan.limits.timeoutMs) return undefined;
  return plan.image === undefined && plan.fallback === undefined
    ? headFailed('timeout', `the image was not built within ${plan.limits.timeoutMs} ms`)
    : infrastructure('timeout', `the container could not be made ready within ${plan.limits.timeoutMs} ms`);
}
