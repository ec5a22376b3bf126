import type { Promised } from './context.ts';
import type { Metadata } from './runner.ts';

/** How a run ended. Written once. */
export interface RunOutput {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly buildId?: string;
  readonly metadata: Metadata;
  readonly reason?: string;
  /** Of a build that could not be started: what would have been right. */
  readonly hint?: string;
  /** The build is not to blame: it could not be started, asked or finished. */
  readonly infrastructure: boolean;
  /** The build's own, where its runner says so (`exitCode`), or the one that was promised. */
  readonly exitStatus?: number;
  /** A failure was promised while the build ran. */
  readonly promised?: Promised;
}

/**
 * A promise is a floor: a build that comes out better fails with the promised exit status. Everything that is
 * as bad or worse stays as it was reported. `softFail: 'true'` in the metadata: a failure that does not count.
 */
export function withPromise(output: RunOutput, promised: Promised | null): RunOutput {
  const own = exitStatusIn(output.metadata);
  const known: RunOutput = { ...output, ...(own === undefined ? {} : { exitStatus: own }) };
  if (promised === null) return known;
  if (!isBetter(output)) return { ...known, promised };
  const { exitStatus, reason = `the build promised to fail with exit status ${exitStatus}` } = promised;
  return { ...output, status: 'failed', reason, exitStatus, promised };
}

const isBetter = ({ status, metadata, infrastructure }: RunOutput): boolean =>
  status === 'succeeded' || (status === 'failed' && !infrastructure && metadata['softFail'] === 'true');

function exitStatusIn({ exitCode = '' }: Metadata): number | undefined {
  return /^\d{1,3}$/.test(exitCode) ? Number(exitCode) : undefined;
}
