import type { Failure } from '../../kernel/errors.ts';
import type { RunContext, RunOutput, Unwanted } from './context.ts';
import type { RunSample } from './runner.ts';

/** Codes by which the request itself is at fault; any other refusal is the runner's affair. */
const requestFaults = new Set([
  'nothing_to_run', 'bad_metadata', 'unknown_change', 'unknown_runner', 'unknown_blob', 'bad_archive', 'unsafe_archive', 'archive_too_large',
]);

const withBuild = ({ buildId }: RunContext): Pick<RunOutput, 'buildId'> => (buildId === null ? {} : { buildId });

/** The runner named a terminal status. */
export function endOfSample(context: RunContext, { status, metadata }: RunSample): RunOutput {
  const known = { ...withBuild(context), metadata };
  // What was done is done, also when the wish to stop it came on the way.
  if (status === 'succeeded') return { status, ...known, infrastructure: false };
  if (context.unwanted !== null) return endOfUnwanted(context, context.unwanted, metadata);
  if (status === 'cancelled') return { status, ...known, reason: 'cancelled at the runner, not by Millrace', infrastructure: false };
  return { status: 'failed', ...known, reason: metadata.detail ?? metadata.reason ?? 'the build failed', infrastructure: metadata.infrastructure === 'true' };
}

/** It was to be stopped, and it is: nothing of how it stopped is its author's fault. */
export function endOfUnwanted(context: RunContext, { because, reason }: Unwanted, metadata: RunSample['metadata'] = context.request.metadata): RunOutput {
  const known = { ...withBuild(context), metadata, reason };
  if (because === 'cancel') return { status: 'cancelled', ...known, infrastructure: false };
  // A build that never got to run did not use up its time itself.
  return { status: 'failed', ...known, infrastructure: because === 'unreachable' || context.status !== 'running' };
}

/** The runner did not say in time that it stopped. */
export function endUnconfirmed(context: RunContext, unwanted: Unwanted): RunOutput {
  const { reason } = unwanted;
  return { status: 'failed', ...withBuild(context), metadata: context.request.metadata, reason: `${reason}; the runner did not confirm that the build has stopped`, infrastructure: true };
}

/** It could not be started. */
export function endUntriggered(context: RunContext, error: Failure): RunOutput {
  if (context.unwanted !== null) return endOfUnwanted(context, context.unwanted);
  const { metadata } = context.request;
  const infrastructure = error.retryable || !requestFaults.has(error.code);
  return { status: 'failed', metadata: { ...metadata, errorCode: error.code }, reason: `the build could not be started: ${error.message}`, infrastructure };
}
