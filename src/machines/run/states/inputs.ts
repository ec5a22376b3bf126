import type { BuildRef, GivenUpInput, LookInput, StatusInput } from '../activities.ts';
import type { RunContext } from '../context.ts';
import { everyMs } from '../timing.ts';

interface Given {
  readonly context: RunContext;
}

/** The build that is looked after: there is one in every state but `triggering`. */
export const build = ({ context }: Given): BuildRef => ({ runner: context.request.runner, buildId: context.buildId ?? '' });

/** After a failure one call is one check, so that every success is a record that ends the count. */
export const watched = ({ context }: Given): StatusInput => ({
  ...build({ context }), last: context.status, knowsUrl: context.url !== null, everyMs: everyMs(context), forMs: context.failures > 0 ? 0 : context.cadence.watchMs,
});

export const stoppedBuild = ({ context }: Given): LookInput => ({ ...build({ context }), generation: context.generation, everyMs: context.cadence.stoppedMs, forMs: 0 });

export const startedBuild = ({ context }: Given): LookInput => ({
  ...build({ context }), generation: context.generation, everyMs: context.cadence.runningMs, forMs: context.failures > 0 ? 0 : context.cadence.watchMs,
});

export const givenUpRun = ({ context }: Given): GivenUpInput => ({
  code: context.givenUp?.code ?? 'runner_unreachable', reason: context.givenUp?.reason ?? '', buildId: context.buildId, request: context.request,
});
