import { RetryableError } from '../../../kernel/errors.ts';
import type { TriggerRequest } from '../../../machines/run/runner.ts';
import { buildIn, buildsIn, statusOf, type Build } from './build.ts';
import { bodyOf, keyName, requireSameRequest } from './carried.ts';
import type { Http } from './http.ts';

/**
 * The one build of this key, started if there is none. Buildkite knows no idempotency key, so it is
 * looked for by its meta-data before and after: a start whose answer was lost is found again, and of
 * builds that two workers started at the same moment the oldest stays and the others are cancelled.
 */
export async function startOnce(call: Http, builds: string, request: TriggerRequest): Promise<number> {
  const body = bodyOf(request);
  const before = await withKey(call, builds, request.idempotencyKey);
  if (before.length > 0) return settle(call, builds, before, request);
  const made = buildIn(await call('POST', builds, { body }));
  try {
    const after = await withKey(call, builds, request.idempotencyKey);
    return await settle(call, builds, [made, ...after], request);
  } catch (error) {
    // A retry finds it. What no retry can help must not leave a build that nobody watches.
    if (error instanceof RetryableError) throw error;
    return made.number;
  }
}

async function withKey(call: Http, builds: string, key: string): Promise<Build[]> {
  const query = new URLSearchParams({ [`meta_data[${keyName}]`]: key, per_page: '100', exclude_jobs: 'true', exclude_pipeline: 'true' });
  const found = buildsIn(await call('GET', `${builds}?${query.toString()}`));
  // A server that does not know the filter answers with everything.
  return found.filter((build) => build.meta_data[keyName] === key);
}

async function settle(call: Http, builds: string, found: readonly Build[], request: TriggerRequest): Promise<number> {
  const [oldest, ...others] = found.toSorted((a, b) => a.number - b.number);
  if (oldest === undefined) throw new Error('there is no build to settle on');
  const doubles = others.filter((build) => build.number !== oldest.number && ['unknown', 'accepted', 'running'].includes(statusOf(build)) && build.state !== 'canceling');
  for (const { number } of doubles) await cancelBuild(call, builds, number);
  requireSameRequest(oldest, request);
  return oldest.number;
}

/** 422: it has ended already. False when there is no such build. */
export async function cancelBuild(call: Http, builds: string, number: number): Promise<boolean> {
  const { status } = await call('PUT', `${builds}/${number}/cancel`, { expected: [404, 422] });
  return status !== 404;
}
