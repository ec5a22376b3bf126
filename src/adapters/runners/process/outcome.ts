import type { Metadata, RunSample } from '../../../machines/run/runner.ts';
import type { Exit } from './exit.ts';
import type { Side } from './order.ts';

type Outcome = Pick<RunSample, 'status' | 'metadata'>;

/** `reason` is a stable code, `detail` the sentence. Only what the build itself did wrong names a failed side. */
export function outcomeOf(exit: Exit | undefined): Outcome {
  if (exit === undefined) return infrastructure('lost', 'the process that watched the build is gone and left no result');
  const { exitCode, signal, base, pausedMs, cpuMs, memoryPeakBytes } = exit;
  const known: Metadata = {
    durationMs: String(exit.endedAt - exit.startedAt),
    ...(exitCode === null ? {} : { exitCode: String(exitCode) }),
    ...(signal === null ? {} : { signal }),
    ...(exit.outputCut ? { outputCut: 'true' } : {}),
    ...(base === undefined ? {} : { baseVerdict: base }),
    ...(pausedMs > 0 ? { pausedMs: String(pausedMs) } : {}),
    ...(memoryPeakBytes > 0 ? { cpuMs: String(cpuMs), memoryPeakBytes: String(memoryPeakBytes) } : {}),
  };
  const outcome = ended(exit);
  return { status: outcome.status, metadata: { ...known, ...outcome.metadata } };
}

function ended(exit: Exit): Outcome {
  const { reason, side, limit = 0, message = 'unknown' } = exit;
  switch (reason) {
    case 'cancelled': return { status: 'cancelled', metadata: { reason, detail: 'the build was stopped because it was cancelled' } };
    case 'interrupted': return infrastructure(reason, 'the build was stopped together with its worker');
    case 'not_spawned': return infrastructure(reason, `the command could not be started: ${message}`);
    case 'timeout': return sideFailed(side, reason, `the build took longer than ${limit} ms`);
    case 'cpu_time': return sideFailed(side, reason, `the build used more than ${limit} s of processor time`);
    case 'out_of_memory': return sideFailed(side, reason, `the build needed more memory than ${limit} bytes`);
    case 'disk_full': return sideFailed(side, reason, `the build filled the ${limit} bytes of disk it may use`);
    case 'too_many_processes': return sideFailed(side, reason, `the build had more than ${limit} processes at once`);
    case 'exited': return exited(exit);
  }
}

function exited({ exitCode, signal, side, machineLacked }: Exit): Outcome {
  if (exitCode === 0) return { status: 'succeeded', metadata: {} };
  if (machineLacked === 'memory') return infrastructure('machine_out_of_memory', 'the machine had no memory left, and the build was killed while it killed for that');
  if (machineLacked === 'disk') return infrastructure('machine_disk_full', 'the build failed while the disk of the machine was full');
  return exitCode === null
    ? sideFailed(side, 'signal', `the command was ended by ${signal ?? 'a signal'}`)
    : sideFailed(side, 'exit_code', `the command ended with exit code ${exitCode}`);
}

/** Nobody's fault but ours. */
const infrastructure = (reason: string, detail: string): Outcome =>
  ({ status: 'failed', metadata: { infrastructure: 'true', reason, detail } });

/** The changes of this side are to blame. */
export const sideFailed = (failedSide: Side, reason: string, detail: string): Outcome =>
  ({ status: 'failed', metadata: { failedSide, reason, detail } });
