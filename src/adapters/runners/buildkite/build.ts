import { z } from 'zod';
import { RetryableError } from '../../../kernel/errors.ts';
import type { Metadata, RunSample, RunStatus } from '../../../machines/run/runner.ts';
import type { Reply } from './http.ts';

const time = z.string().nullish();

/** What is read of a build. */
const build = z.object({
  number: z.int().positive(),
  state: z.string(),
  blocked: z.boolean().nullish(),
  web_url: z.string().nullish(),
  commit: z.string().nullish(),
  branch: z.string().nullish(),
  cancel_reason: z.string().nullish(),
  started_at: time,
  finished_at: time,
  meta_data: z.record(z.string(), z.unknown()).catch({}).default({}),
  jobs: z.array(z.object({ type: z.string().nullish(), state: z.string().nullish() })).catch([]).default([]),
});

export type Build = z.output<typeof build>;

export const buildIn = ({ json }: Reply): Build => read(build, json);
export const buildsIn = ({ json }: Reply): Build[] => read(z.array(build), json);

function read<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RetryableError('buildkite_bad_answer', `Buildkite answered with JSON of another shape: ${z.prettifyError(parsed.error)}`);
}

/** Every state of a build; one that is not here is unknown, and the poll goes on. */
const statuses: Readonly<Record<string, RunStatus>> = {
  creating: 'accepted', scheduled: 'accepted',
  running: 'running', blocked: 'running', waiting: 'running', waiting_failed: 'running', failing: 'running',
  // Its jobs still run: it is over when they are.
  canceling: 'running',
  passed: 'succeeded',
  failed: 'failed', not_run: 'failed', skipped: 'failed',
  canceled: 'cancelled',
};

export function statusOf({ state, blocked }: Build): RunStatus {
  if (state === 'passed' && blocked === true) return 'running';
  return Object.hasOwn(statuses, state) ? (statuses[state] ?? 'unknown') : 'unknown';
}

/** `given`: the metadata of the trigger. */
export function sampleOf(found: Build, given: Metadata): RunSample {
  const status = statusOf(found);
  const { artifact, ...others } = given;
  return {
    status,
    metadata: { ...others, ...(artifact === undefined ? {} : { artifactPath: artifact }), ...factsOf(found), ...blameOf(found, status) },
    ...progressOf(found, status),
  };
}

function factsOf({ number, state, web_url: url, commit, branch, started_at: started, finished_at: finished, meta_data: said }: Build): Metadata {
  const durationMs = Date.parse(finished ?? '') - Date.parse(started ?? '');
  const artifact = said.millrace_artifact;
  return present({
    number: String(number), buildkiteState: state, url, commit, branch,
    durationMs: Number.isNaN(durationMs) ? undefined : String(durationMs),
    artifact: typeof artifact === 'string' && /^[0-9a-f]{64}$/.test(artifact) ? artifact : undefined,
  });
}

function blameOf({ state, cancel_reason: why, meta_data: said }: Build, status: RunStatus): Metadata {
  if (state === 'not_run' || state === 'skipped') {
    return { infrastructure: 'true', reason: state, detail: `Buildkite did not run the build: it is "${state}"` };
  }
  const side = said.millrace_failed_side;
  if (status === 'failed') return present({ reason: 'build_failed', detail: 'the build failed at Buildkite', failedSide: side === 'base' || side === 'head' ? side : undefined });
  if (status === 'cancelled') return { reason: 'cancelled', detail: why ?? 'the build was canceled at Buildkite' };
  return {};
}

const over = new Set(['passed', 'failed', 'canceled', 'timed_out', 'skipped', 'broken', 'expired', 'finished', 'waiting_failed', 'blocked_failed', 'unblocked_failed']);

function progressOf({ jobs, state }: Build, status: RunStatus): Pick<RunSample, 'progress'> {
  const scripts = jobs.filter(({ type }) => type === 'script');
  if (status !== 'running' || scripts.length === 0) return {};
  const done = scripts.filter((job) => over.has(job.state ?? '')).length;
  return { progress: { percent: Math.floor((100 * done) / scripts.length), message: `${state}: ${done} of ${scripts.length} jobs` } };
}

const present = (all: Readonly<Record<string, string | null | undefined>>): Metadata =>
  Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
