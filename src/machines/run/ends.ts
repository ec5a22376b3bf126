import type { Failure } from '../../kernel/errors.ts';
import type { GivenUp, RunContext, Unwanted } from './context.ts';
import { withPromise, type RunOutput } from './output.ts';
import type { RunSample } from './runner.ts';

/** What the last record of a run writes. */
export type End = Pick<RunContext, 'ended' | 'givenUp'>;

/** Codes by which the request itself is at fault; any other refusal is the runner's affair. */
const requestFaults = new Set([
  'nothing_to_run', 'bad_metadata', 'unknown_change', 'unknown_runner', 'unknown_blob', 'bad_archive', 'unsafe_archive', 'archive_too_large',
]);

/** The runner named a terminal status. */
export function endOfSample(context: RunContext, sample: RunSample): End {
  const givenUp = sample.status === 'succeeded' ? null : unreachable(context.unwanted, `the build is ${sample.status} now`);
  return end(context, sampled(context, sample), givenUp);
}

/** The runner knows no such build: there is nothing left to stop. */
export function endOfUnwanted(context: RunContext, unwanted: Unwanted): End {
  return end(context, stopped(context, unwanted, context.request.metadata), unreachable(unwanted, 'it knows no such build'));
}

/** The runner did not say in time that it stopped. */
export function endUnconfirmed(context: RunContext, unwanted: Unwanted): End {
  const reason = `${unwanted.reason}; the runner did not confirm that the build has stopped`;
  const code = unwanted.because === 'unreachable' ? 'runner_unreachable' : 'cancel_unconfirmed';
  return end(context, { status: 'failed', metadata: context.request.metadata, reason, infrastructure: true }, { code, reason });
}

/** It could not be started. */
export function endUntriggered(context: RunContext, error: Failure): End {
  const reason = `the build could not be started: ${error.message}`;
  const infrastructure = error.retryable || !requestFaults.has(error.code);
  // An answer that was lost may have started a build all the same, and nobody knows its id.
  const givenUp = infrastructure ? { code: 'trigger_failed' as const, reason } : null;
  const { metadata } = context.request;
  if (context.unwanted !== null) return end(context, stopped(context, context.unwanted, metadata), givenUp);
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return end(context, { status: 'failed', metadata: { ...metadata, errorCode: error.code }, reason, ...hint, infrastructure }, givenUp);
}

type Bare = Omit<RunOutput, 'buildId' | 'exitStatus' | 'promised'>;

function end({ buildId, promised }: RunContext, bare: Bare, givenUp: GivenUp | null): End {
  return { ended: withPromise({ ...bare, ...(buildId === null ? {} : { buildId }) }, promised), givenUp };
}

function sampled(context: RunContext, { status, metadata }: RunSample): Bare {
  // What was done is done, also when the wish to stop it came on the way.
  if (status === 'succeeded') return { status, metadata, infrastructure: false };
  if (context.unwanted !== null) return stopped(context, context.unwanted, metadata);
  if (status === 'cancelled') return { status, metadata, reason: 'cancelled at the runner, not by Millrace', infrastructure: false };
  return { status: 'failed', metadata, reason: metadata['detail'] ?? metadata['reason'] ?? 'the build failed', infrastructure: metadata['infrastructure'] === 'true' };
}

/** It was to be stopped, and it is: nothing of how it stopped is its author's fault. */
function stopped(context: RunContext, { because, reason }: Unwanted, metadata: RunSample['metadata']): Bare {
  if (because === 'cancel') return { status: 'cancelled', metadata, reason, infrastructure: false };
  // A build that never got to run did not use up its time itself.
  return { status: 'failed', metadata, reason, infrastructure: because === 'unreachable' || context.status !== 'running' };
}

const unreachable = (unwanted: Unwanted | null, now: string): GivenUp | null =>
  unwanted?.because === 'unreachable' ? { code: 'runner_unreachable', reason: `${unwanted.reason}; ${now}` } : null;
