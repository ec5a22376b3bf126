import { TerminalError } from '../../../kernel/errors.ts';
import type { Declarer } from '../../../machines/promise/declarer.ts';
import { buildkiteDeclarer } from './declarer.ts';

/**
 * A worker that itself runs in a Buildkite job passes promises on to that job, when MILLRACE_PROMISE_UPSTREAM is
 * `buildkite`. The agent's own variables say which job, and as whom. @throws TerminalError `bad_promise_upstream`.
 */
export function buildkiteFrom(env: NodeJS.ProcessEnv): readonly Declarer[] {
  const { MILLRACE_PROMISE_UPSTREAM: upstream, BUILDKITE_JOB_ID: job, BUILDKITE_AGENT_ACCESS_TOKEN: token, BUILDKITE_AGENT_ENDPOINT: endpoint } = env;
  if (!upstream) return [];
  if (upstream !== 'buildkite') throw badUpstream(`MILLRACE_PROMISE_UPSTREAM is "${upstream}"`, 'the only one is "buildkite"; Millrace itself is always told');
  if (!job || !token) throw badUpstream('this worker does not run in a Buildkite job', 'its agent sets BUILDKITE_JOB_ID and BUILDKITE_AGENT_ACCESS_TOKEN: pass them on, or leave MILLRACE_PROMISE_UPSTREAM out');
  return [buildkiteDeclarer({ job, token, endpoint: endpoint || 'https://agent.buildkite.com/v3' })];
}

const badUpstream = (message: string, hint: string): TerminalError => new TerminalError('bad_promise_upstream', message, { hint });
