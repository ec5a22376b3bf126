import { z } from 'zod';
import type { Definition } from '../../../kernel/definition.ts';
import type { Failure } from '../../../kernel/errors.ts';
import type { Json } from '../../../kernel/json.ts';
import { step, type Step } from '../../saga/step.ts';
import { appName, digest, token } from '../values.ts';

/** The runner's own time limit speaks first; the run's deadline is for a runner that says nothing. */
const reportingMs = 5 * 60_000;

/** What the `run` actor ends with, as far as this step reads it. */
const runOutput = z.object({
  status: z.enum(['succeeded', 'failed', 'cancelled']),
  metadata: z.record(z.string(), z.string()).default({}),
  reason: z.string().nullish(),
  /** The runner failed, not the build. */
  infrastructure: z.boolean().default(false),
});
type RunOutput = z.output<typeof runOutput>;

const gives = z.object({ artifact: digest, buildMs: z.int().optional() });
type Settled = { readonly ok: true; readonly gives: z.input<typeof gives> } | { readonly ok: false; readonly error: Failure };

/**
 * Builds at a runner, as an actor of its own. The artifact is stored by its digest: the same bytes
 * are the same blob, which belongs to no build, so there is nothing to undo.
 */
export const buildArtifact = (run: Definition): Step => step({
  name: 'build-artifact',
  needs: z.object({
    source: digest, app: appName, version: z.string(), runner: token.default('process'), buildActor: z.string(),
    stack: z.string(), command: z.string(), artifactPath: z.string(), buildTimeoutMs: z.int().optional(),
  }),
  gives,
  child: run,
  childInput: (needs): Json => ({
    runner: needs.runner,
    base: [],
    head: [{ uri: `source:${needs.source}` }],
    metadata: {
      command: needs.command, artifact: needs.artifactPath, outputActor: needs.buildActor,
      app: needs.app, version: needs.version, stack: needs.stack,
      ...(needs.buildTimeoutMs === undefined ? {} : { timeoutMs: String(needs.buildTimeoutMs) }),
    },
    ...(needs.buildTimeoutMs === undefined ? {} : { deadlineMs: needs.buildTimeoutMs + reportingMs }),
  }),
  settle: (output): Settled => {
    const parsed = runOutput.safeParse(output);
    if (!parsed.success) return failed('bad_run_output', `The run ended with something unreadable: ${z.prettifyError(parsed.error)}`);
    return settle(parsed.data);
  },
});

function settle({ status, metadata, reason, infrastructure }: RunOutput): Settled {
  const why = metadata['detail'] ?? reason ?? metadata['reason'] ?? exitCode(metadata);
  if (status === 'cancelled') return failed('build_cancelled', sentence('The build was cancelled at the runner', why), 'Start a new build when it is wanted after all.');
  if (status === 'failed' && (infrastructure || metadata['infrastructure'] === 'true')) {
    return { ok: false, error: { ...failure('runner_failed', sentence('The runner could not build', why)), name: 'RetryableError', retryable: true } };
  }
  if (status === 'failed') return failed('build_failed', sentence('The build failed', why), 'Its own words are in the build output: millrace logs.');
  const artifact = digest.safeParse(metadata['artifact']);
  if (!artifact.success) return failed('no_artifact', 'The runner says the build succeeded, and hands over no artifact.', 'Check that the build makes the file or folder named as its artifact.');
  const buildMs = Math.round(Number(metadata['durationMs'] ?? Number.NaN));
  return { ok: true, gives: { artifact: artifact.data, ...(Number.isSafeInteger(buildMs) ? { buildMs } : {}) } };
}

const exitCode = ({ exitCode: code }: RunOutput['metadata']): string | undefined => (code === undefined ? undefined : `exit code ${code}`);

const sentence = (what: string, why: string | undefined): string => (why === undefined || why === '' ? `${what}.` : `${what}: ${why.replace(/\.$/, '')}.`);

const failure = (code: string, message: string, hint?: string): Failure =>
  ({ name: 'TerminalError', code, message, retryable: false, ...(hint === undefined ? {} : { hint }) });

const failed = (code: string, message: string, hint?: string): Settled => ({ ok: false, error: failure(code, message, hint) });
