import type { ContainerInspectInfo } from 'dockerode';
import type { TerminalError } from '../../../kernel/errors.ts';
import type { Metadata, RunSample } from '../../../machines/run/runner.ts';
import type { Side } from './place.ts';
import type { Plan } from './plan.ts';
import type { Wish } from './wish.ts';

export type Outcome = Pick<RunSample, 'status' | 'metadata'>;

/** Nobody's fault but ours. */
export const infrastructure = (reason: string, detail: string): Outcome =>
  ({ status: 'failed', metadata: { infrastructure: 'true', reason, detail } });

/** The changes of this side are to blame. */
export const sideFailed = (failedSide: Side, reason: string, detail: string): Outcome =>
  ({ status: 'failed', metadata: { failedSide, reason, detail } });

/** It was to end, and it has. */
export function outcomeOfWish({ why }: Wish, { limits }: Plan, side: Side): Outcome {
  switch (why) {
    case 'cancelled': return { status: 'cancelled', metadata: { reason: 'cancelled', detail: 'the build was stopped because it was cancelled' } };
    case 'timeout': return sideFailed(side, 'timeout', `the build took longer than ${limits.timeoutMs} ms`);
    case 'disk_full': return sideFailed(side, 'disk_full', `the build wrote more than ${limits.diskBytes ?? 'it may'} bytes to its disk`);
  }
}

/** How an ended container ended. `reason` is a stable code, `detail` the sentence. */
export function outcomeOf(state: ContainerInspectInfo['State'], wish: Wish | undefined, plan: Plan, side: Side): Outcome {
  const { status, metadata } = blame(state, wish, plan, side);
  return { status, metadata: { ...factsOf(state), ...metadata } };
}

function factsOf({ ExitCode, StartedAt, FinishedAt }: ContainerInspectInfo['State']): Metadata {
  const [from, to] = [Date.parse(StartedAt), Date.parse(FinishedAt)];
  // The engine writes the year 1 for "not yet", and notes a start after it has happened.
  return { exitCode: String(ExitCode), ...(from > 0 && to > 0 ? { durationMs: String(Math.max(0, to - from)) } : {}) };
}

/** 128 and the signal's number: how a container ends that was killed, or stopped, from outside. */
const killed = [137, 143];

function blame({ Status, ExitCode, OOMKilled, Error: error }: ContainerInspectInfo['State'], wish: Wish | undefined, plan: Plan, side: Side): Outcome {
  if (wish !== undefined) return outcomeOfWish(wish, plan, side);
  if (Status === 'dead') return infrastructure('lost', `the engine could not bring the container to an end: ${error}`);
  if (ExitCode === 0) return { status: 'succeeded', metadata: {} };
  if (OOMKilled) return outOfMemory(plan, side);
  if (killed.includes(ExitCode)) return infrastructure('killed', `the container was ended from outside (exit code ${ExitCode}), as an engine does that restarts`);
  return sideFailed(side, 'exit_code', `the command ended with exit code ${ExitCode}`);
}

function outOfMemory({ limits: { memoryBytes } }: Plan, side: Side): Outcome {
  return memoryBytes === undefined
    ? infrastructure('out_of_memory', 'the machine had no memory left, and the build was killed for that')
    : sideFailed(side, 'out_of_memory', `the build needed more memory than ${memoryBytes} bytes`);
}

/** Codes by which the request, or the source, is at fault. */
const requestFaults = new Set(['no_image', 'no_such_image', 'unknown_change', 'unknown_blob', 'bad_archive', 'bad_metadata', 'folder_not_empty']);

/** It could not be brought to run. */
export function outcomeOfFailure({ code, message }: TerminalError, side: Side): Outcome {
  if (code === 'image_build_failed') return sideFailed(side, code, message);
  if (requestFaults.has(code)) return { status: 'failed', metadata: { reason: code, detail: message } };
  return infrastructure(code, message);
}
