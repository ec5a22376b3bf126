import { RetryableError, TerminalError } from '../../../../src/kernel/errors.ts';
import type { PausableRunner } from '../../../../src/machines/run/pausable.ts';
import { isTerminal, type BuildId, type BuildRunner, type RunSample, type RunStatus } from '../../../../src/machines/run/runner.ts';
import type { Clock } from '../../../../src/runtime/ports/clock.ts';

/** How a backend behaves. Calls are counted from 1; `ranMs`: how long the build has run, stops not counted. Every function may throw. */
export interface Plan {
  readonly status?: (asked: { readonly call: number; readonly ranMs: number; readonly key: string }) => RunStatus;
  /** `lost`: the build is started, and the answer is lost. */
  readonly trigger?: (call: number) => 'lost' | undefined;
  readonly cancel?: (call: number) => void;
  /** How long a cancelled build takes to stop; default at once, Infinity: it never does. */
  readonly cancelTakesMs?: number;
  readonly statusTakesMs?: number;
  readonly stop?: (call: number) => void;
  readonly start?: (call: number) => void;
  readonly stopTakesMs?: number;
  readonly startTakesMs?: number;
  /** Samples after a start that still say "stopped"; Infinity: it never goes on. */
  readonly staleSamples?: number;
  /** Those samples are of the generation before. */
  readonly staleGeneration?: boolean;
}

interface Build {
  readonly key: string;
  readonly metadata: RunSample['metadata'];
  calls: number;
  since: number;
  ranMs: number;
  frozen: boolean;
  generation: number;
  stale: number;
  cancelledAt: number;
  final: RunStatus | undefined;
}

/** A backend in the clock's time, and everything that was asked of it. It outlives the workers. */
export function makeBackend(clock: Clock, plan: Plan = {}) {
  const builds = new Map<string, Build>();
  const calls: { readonly verb: string; readonly id: string; readonly at: number }[] = [];
  const open = new Map<string, number>();
  let mostOpen = 0;
  const count = (verb: string, id?: string): number => calls.filter((call) => call.verb === verb && (id === undefined || call.id === id)).length;
  const find = (id: BuildId): Build => {
    const build = builds.get(id);
    if (build === undefined) throw new TerminalError('unknown_build', `the backend has no build "${id}"`);
    return build;
  };
  const passing = (ms = 0): Promise<void> => (ms > 0 ? new Promise((resolve) => { clock.after(ms, resolve); }) : Promise.resolve());
  const note = (verb: string, id: string): number => {
    calls.push({ verb, id, at: clock.now() });
    return count(verb, id);
  };
  const ranMs = (build: Build): number => build.ranMs + (build.frozen ? 0 : clock.now() - build.since);
  const statusOf = (build: Build): RunStatus => {
    if (build.final !== undefined) return build.final;
    if (clock.now() >= build.cancelledAt + (plan.cancelTakesMs ?? 0)) return (build.final = 'cancelled');
    const status = plan.status?.({ call: ++build.calls, ranMs: ranMs(build), key: build.key }) ?? 'running';
    if (isTerminal(status)) build.final = status;
    return status;
  };

  const runner: BuildRunner = {
    name: 'fake',
    async trigger({ idempotencyKey: key, metadata }) {
      const id = `b-${key.replace('/', '-')}` as BuildId;
      const call = note('trigger', id);
      const word = plan.trigger?.(call);
      await passing();
      if (!builds.has(id)) builds.set(id, { key, metadata, calls: 0, since: clock.now(), ranMs: 0, frozen: false, generation: 1, stale: 0, cancelledAt: Infinity, final: undefined });
      if (word === 'lost') throw new RetryableError('http_502', 'the answer was lost');
      return id;
    },
    async status(id) {
      note('status', id);
      open.set(id, (open.get(id) ?? 0) + 1);
      mostOpen = Math.max(mostOpen, open.get(id) ?? 0);
      try {
        await passing(plan.statusTakesMs);
        const build = find(id);
        return { status: statusOf(build), metadata: build.metadata };
      } finally {
        open.set(id, (open.get(id) ?? 0) - 1);
      }
    },
    async cancel(id) {
      const call = note('cancel', id);
      await passing();
      plan.cancel?.(call);
      const build = find(id);
      build.cancelledAt = Math.min(build.cancelledAt, clock.now());
    },
  };
  const pausable: PausableRunner = {
    ...runner,
    async stop(id) {
      const call = note('stop', id);
      await passing(plan.stopTakesMs);
      plan.stop?.(call);
      const build = find(id);
      if (build.frozen || build.final !== undefined) return;
      build.ranMs = ranMs(build);
      build.frozen = true;
    },
    async start(id) {
      const call = note('start', id);
      await passing(plan.startTakesMs);
      plan.start?.(call);
      const build = find(id);
      if (build.frozen && build.final === undefined) {
        Object.assign(build, { frozen: false, since: clock.now(), generation: build.generation + 1, stale: plan.staleSamples ?? 0 });
      }
      return build.generation;
    },
    async progress(id) {
      note('progress', id);
      await passing();
      const build = find(id);
      const { generation } = build;
      if (build.final !== undefined || clock.now() >= build.cancelledAt + (plan.cancelTakesMs ?? 0)) return { generation, state: 'ended' };
      if (build.frozen) return { generation, state: 'stopped' };
      if (build.stale-- > 0) return { generation: plan.staleGeneration ? generation - 1 : generation, state: 'stopped' };
      return { generation, state: 'running' };
    },
  };

  return {
    runner, pausable, calls, builds, count,
    /** Status calls of one build that were open at once, at the most. */
    mostOpen: () => mostOpen,
    /** When this was asked, ms since the epoch. */
    times: (verb: string): number[] => calls.filter((call) => call.verb === verb).map(({ at }) => at),
    /** Something happens to the build without Millrace. */
    meddle(key: string, change: Partial<Pick<Build, 'final' | 'frozen' | 'generation'>>): void {
      const build = [...builds.values()].find((each) => each.key === key);
      if (build !== undefined) Object.assign(build, change);
    },
    /** Builds that run now. */
    running: (): string[] => [...builds].filter(([, build]) => build.final === undefined && build.cancelledAt === Infinity).map(([id]) => id),
  };
}

export type Backend = ReturnType<typeof makeBackend>;
