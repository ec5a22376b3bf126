import { canonicalJson } from '../../../kernel/canonical.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import type { BuildId, BuildRunner } from '../../../machines/run/runner.ts';
import { buildIn, sampleOf } from './build.ts';
import { givenIn } from './carried.ts';
import { http } from './http.ts';
import { cancelBuild, startOnce } from './start.ts';


export interface BuildkiteRunnerOptions {
  /** API access token with read_builds and write_builds. It is in no error and no log. */
  readonly token: string;
  /** Slugs, as they stand in URLs. */
  readonly organization: string;
  readonly pipeline: string;
  /** Default `https://api.buildkite.com`. */
  readonly baseUrl?: string;
  /** For one request with its answer, ms. Default 20,000. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
}

/**
 * Builds at Buildkite, over its REST API v2. Metadata it understands: `commit` (default HEAD), `branch`
 * (main), `message`, `env.NAME`; a pipeline finds everything in the meta-data `millrace_metadata`,
 * `millrace_base` and `millrace_head` (JSON), and may set `millrace_artifact` (sha256 of what it stored) and
 * `millrace_failed_side` (base or head). A result has `url`, `number`, `commit`, `branch`, `buildkiteState`,
 * `durationMs`, `reason` and `detail`. A call that Buildkite asks to repeat later fails with a
 * RetryableError that has `retryAfterMs`; until then no request is sent.
 */
export function buildkiteRunner({ token, organization, pipeline, baseUrl = 'https://api.buildkite.com', timeoutMs = 20_000, fetch: send = fetch, now = Date.now }: BuildkiteRunnerOptions): BuildRunner {
  for (const [what, value] of Object.entries({ organization, pipeline })) {
    if (!/^[\w-]+$/.test(value)) throw new TerminalError('bad_runner', `"${value}" is no slug of a Buildkite ${what}.`, { hint: 'Take it from the URL of a build.' });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TerminalError('bad_runner', 'The Buildkite token is empty or has characters no token has.', { hint: 'Give an API access token.' });
  const call = http({ token, baseUrl, fetch: send, timeoutMs, now });
  const builds = `/v2/organizations/${organization}/pipelines/${pipeline}/builds`;
  const starts = new Map<string, Promise<number>>();

  const unknown = (id: string): TerminalError =>
    new TerminalError('unknown_build', `Buildkite has no build "${id}" in ${organization}/${pipeline}.`, { hint: 'Use an id that trigger returned, with the same organization and pipeline.' });
  // The pipeline is part of the id: a number alone would be somebody else's build once another one is configured.
  const numberOf = (id: BuildId): number => {
    const [, slug, number] = /^([\w-]+)_([1-9]\d{0,11})$/.exec(id) ?? [];
    if (slug !== pipeline) throw unknown(id);
    return Number(number);
  };

  return {
    name: 'buildkite',
    trigger: async (request) => {
      const key = canonicalJson(request);
      const running = starts.get(key) ?? startOnce(call, builds, request).finally(() => starts.delete(key));
      starts.set(key, running);
      return `${pipeline}_${await running}` as BuildId;
    },
    status: async (id) => {
      const reply = await call('GET', `${builds}/${numberOf(id)}`, { expected: [404] });
      if (reply.status === 404) throw unknown(id);
      const found = buildIn(reply);
      return sampleOf(found, givenIn(found));
    },
    cancel: async (id) => {
      if (!(await cancelBuild(call, builds, numberOf(id)))) throw unknown(id);
    },
  };
}
