import type { Metadata, RunSample } from '../../../machines/run/runner.ts';
import type { Exit } from './supervisor.ts';

/** `reason` is a stable code, `detail` the sentence. Only what the build itself did wrong names a failed side. */
export function outcomeOf(exit: Exit | undefined, timeoutMs: string): Pick<RunSample, 'status' | 'metadata'> {
  if (exit === undefined) return infrastructure('lost', 'the process that watched the build is gone and left no result');
  const { exitCode, signal, reason } = exit;
  const known: Metadata = {
    durationMs: String(exit.endedAt - exit.startedAt),
    ...(exitCode === null ? {} : { exitCode: String(exitCode) }),
    ...(signal === null ? {} : { signal }),
    ...(exit.outputCut ? { outputCut: 'true' } : {}),
  };
  const outcome = ended(exit, timeoutMs, reason);
  return { status: outcome.status, metadata: { ...known, ...outcome.metadata } };
}

type Outcome = Pick<RunSample, 'status' | 'metadata'>;

function ended({ exitCode, signal, message }: Exit, timeoutMs: string, reason: Exit['reason']): Outcome {
  switch (reason) {
    case 'cancelled': return { status: 'cancelled', metadata: { reason: 'cancelled', detail: 'the build was stopped because it was cancelled' } };
    case 'interrupted': return infrastructure('interrupted', 'the build was stopped together with its worker');
    case 'not_spawned': return infrastructure('not_spawned', `the command could not be started: ${message ?? 'unknown'}`);
    case 'timeout': return headFailed('timeout', `the build took longer than ${timeoutMs} ms`);
    case 'exited':
      if (exitCode === 0) return { status: 'succeeded', metadata: {} };
      return exitCode === null
        ? headFailed('signal', `the command was ended by ${signal ?? 'a signal'}`)
        : headFailed('exit_code', `the command ended with exit code ${exitCode}`);
  }
}

/** Nobody's fault but ours. */
const infrastructure = (reason: string, detail: string): Outcome =>
  ({ status: 'failed', metadata: { infrastructure: 'true', reason, detail } });

export const headFailed = (reason: string, detail: string): Outcome =>
  ({ status: 'failed', metadata: { failedSide: 'head', reason, detail } });
