import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildkiteRunner, type BuildkiteRunnerOptions } from '../../../src/adapters/runners/buildkite/runner.ts';
import type { BuildId, BuildRunner, TriggerRequest } from '../../../src/machines/run/runner.ts';
import { buildkiteDouble, type BuildkiteDouble, type DoubleBuild } from '../../support/buildkite-double.ts';

let double: BuildkiteDouble;
let now = 1_000_000;
beforeEach(async () => { double = await buildkiteDouble(); });
afterEach(async () => { await double.close(); });

const runnerWith = (options: Partial<BuildkiteRunnerOptions> = {}): BuildRunner =>
  buildkiteRunner({ token: double.token, organization: 'mill', pipeline: 'race', baseUrl: double.url, now: () => now, ...options });

const asked: TriggerRequest = { base: [{ uri: 'git:1' }], head: [{ uri: 'git:2' }], metadata: { commit: 'abc', branch: 'topic', 'env.LEVEL': '9', note: 'ä' }, idempotencyKey: 'run/a' };

/** A build that is there, in this state. */
async function built(state: string, more: Partial<DoubleBuild> = {}): Promise<{ runner: BuildRunner; id: BuildId }> {
  const runner = runnerWith();
  const id = await runner.trigger(asked);
  const [build] = double.builds;
  if (build === undefined) throw new Error('there is no build');
  Object.assign(build, { state, ...more });
  return { runner, id };
}

describe('a build at Buildkite', () => {
  it('given a request, when it is triggered, then the build gets commit, branch, variables, and everything else as meta-data', async () => {
    const id = await runnerWith().trigger(asked);
    expect(id).toBe('race_42');
    expect(double.builds).toHaveLength(1);
    expect(double.builds[0]).toMatchObject({ commit: 'abc', branch: 'topic', message: 'Millrace run/a', env: { LEVEL: '9' } });
    expect(double.builds[0]?.meta_data).toMatchObject({ millrace_key: 'run/a', millrace_base: '[{"uri":"git:1"}]', millrace_head: '[{"uri":"git:2"}]', millrace_metadata: JSON.stringify(asked.metadata) });
  });

  it.each([
    ['creating', 'accepted'], ['scheduled', 'accepted'],
    ['running', 'running'], ['blocked', 'running'], ['failing', 'running'], ['waiting', 'running'], ['waiting_failed', 'running'], ['canceling', 'running'],
    ['passed', 'succeeded'], ['failed', 'failed'], ['not_run', 'failed'], ['skipped', 'failed'], ['canceled', 'cancelled'],
    ['a state of next year', 'unknown'], ['toString', 'unknown'], ['', 'unknown'],
  ])('given the state "%s", when it is asked about, then it is %s', async (state, status) => {
    const { runner, id } = await built(state);
    // The double itself finishes a cancel at the next look.
    if (state === 'canceling') double.fail({ body: JSON.stringify(double.builds[0]) });
    expect((await runner.status(id)).status).toBe(status);
  });

  it('given a build that waits at a block step, when it is asked about, then it is not over, though it passed so far', async () => {
    const { runner, id } = await built('passed', { blocked: true });
    expect((await runner.status(id)).status).toBe('running');
  });

  it('given a finished build, when it is asked about, then its metadata says where it is, what it was, and how long it took', async () => {
    const { runner, id } = await built('failed', { started_at: '2026-01-01T00:00:00Z', finished_at: '2026-01-01T00:00:02.5Z' });
    Object.assign(double.builds[0]?.meta_data ?? {}, { millrace_failed_side: 'base', millrace_artifact: 'f'.repeat(64) });
    expect((await runner.status(id)).metadata).toMatchObject({
      url: 'https://buildkite.com/mill/race/builds/42', number: '42', commit: 'abc', branch: 'topic', durationMs: '2500', buildkiteState: 'failed',
      note: 'ä', reason: 'build_failed', failedSide: 'base', artifact: 'f'.repeat(64),
    });
  });

  it('given a build that Buildkite did not run, when it is asked about, then nobody is blamed', async () => {
    const { runner, id } = await built('not_run');
    expect((await runner.status(id)).metadata).toMatchObject({ infrastructure: 'true', reason: 'not_run' });
  });

  it('given jobs, when a running build is asked about, then it says how far it is', async () => {
    const jobs = [{ type: 'script', state: 'passed' }, { type: 'script', state: 'running' }, { type: 'waiter', state: 'passed' }, { type: 'script', state: 'scheduled' }];
    const { runner, id } = await built('running', { jobs });
    expect((await runner.status(id)).progress).toEqual({ percent: 33, message: 'running: 1 of 3 jobs' });
  });

  it('given meta-data that was damaged, when it is asked about, then the build is still readable', async () => {
    const { runner, id } = await built('running', { meta_data: { millrace_metadata: '{"half' } });
    expect(await runner.status(id)).toMatchObject({ status: 'running', metadata: { number: '42' } });
  });

  it('given a build that has ended, when it is cancelled, then the 422 of Buildkite is success', async () => {
    const { runner, id } = await built('passed');
    await runner.cancel(id);
    expect(double.requests.at(-1)).toBe('PUT /v2/organizations/mill/pipelines/race/builds/42/cancel');
    expect(double.builds[0]?.state).toBe('passed');
  });

  it('given an id of another pipeline, when it is cancelled, then no request is sent', async () => {
    await built('running');
    const sent = double.requests.length;
    for (const id of ['other_42', '42', 'race_042', 'race_42_1', 'race_99999999999999'] as BuildId[]) {
      await expect(runnerWith().cancel(id)).rejects.toMatchObject({ code: 'unknown_build', retryable: false });
    }
    expect(double.requests).toHaveLength(sent);
  });
});

describe('one build for one key', () => {
  it('given a start whose answer is lost, when it is tried again, by another worker too, then it is the same build', async () => {
    double.fail({ method: 'POST', loseReply: true });
    await expect(runnerWith().trigger(asked)).rejects.toMatchObject({ code: 'buildkite_unreachable', retryable: true });
    expect(await runnerWith().trigger(asked)).toBe('race_42');
    expect(await runnerWith().trigger(asked)).toBe('race_42');
    expect(double.builds).toHaveLength(1);
  });

  it('given a search that lags, when a lost start is tried again, then the second build is cancelled and the first one is the build', async () => {
    double.fail({ method: 'POST', loseReply: true });
    await expect(runnerWith().trigger(asked)).rejects.toThrow('did not get through');
    // The search before the second start sees nothing, the one after it sees both.
    double.fail({ method: 'GET', body: '[]' });
    expect(await runnerWith().trigger(asked)).toBe('race_42');
    expect(double.builds.map(({ number, state }) => [number, state])).toEqual([[42, 'scheduled'], [43, 'canceling']]);
  });

  it('given the check after the start fails for now, when it is tried again, then the build is found', async () => {
    double.fail({ method: 'GET', after: 1, status: 502, body: '<html>bad gateway</html>' });
    await expect(runnerWith().trigger(asked)).rejects.toMatchObject({ retryable: true });
    expect(await runnerWith().trigger(asked)).toBe('race_42');
    expect(double.builds).toHaveLength(1);
  });

  it('given a server that does not know the filter, when it is triggered, then no stranger is taken for this build', async () => {
    await runnerWith().trigger({ ...asked, idempotencyKey: 'run/other' });
    const all = (): string => JSON.stringify(double.builds);
    double.fail({ method: 'GET', body: all() });
    expect(await runnerWith().trigger(asked)).toBe('race_43');
  });

  it('given the same key with another request, when it is triggered, then that is refused', async () => {
    await runnerWith().trigger(asked);
    await expect(runnerWith().trigger({ ...asked, metadata: { commit: 'other' } })).rejects.toMatchObject({ code: 'key_reused', retryable: false });
  });
});

describe('a service that refuses', () => {
  const id = 'race_42' as BuildId;

  it('given a rate limit, when a call is made, then it says how long to wait, and nothing is sent before that', async () => {
    const runner = runnerWith();
    double.fail({ status: 429, headers: { 'retry-after': '7' } });
    await expect(runner.status(id)).rejects.toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 7000 });
    now += 6000;
    const sent = double.requests.length;
    await expect(runner.status(id)).rejects.toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 1000 });
    expect(double.requests).toHaveLength(sent);
    now += 1000;
    await expect(runner.status(id)).rejects.toMatchObject({ code: 'unknown_build' });
    expect(double.requests).toHaveLength(sent + 1);
  });

  it.each<[string, number, Record<string, string>, number | undefined]>([
    ['a date', 503, { 'retry-after': new Date(1_000_000 + 90_000).toUTCString() }, 90_000],
    ['its own window', 429, { 'ratelimit-remaining': '0', 'ratelimit-reset': '42' }, 42_000],
    ['the window of the user', 429, { 'ratelimit-remaining': '80', 'ratelimit-reset': '42', 'ratelimit-user-remaining': '0', 'ratelimit-user-reset': '9' }, 9000],
    ['an absurd time', 429, { 'retry-after': '999999999' }, 900_000],
    ['nonsense', 429, { 'retry-after': 'soon' }, undefined],
  ])('given %s, when the service says when to come back, then that is what the error says', async (_, status, headers, expected) => {
    now = 1_000_000;
    double.fail({ status, headers });
    const error: unknown = await runnerWith().status(id).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ retryable: true });
    expect((error as { retryAfterMs?: number }).retryAfterMs).toBe(expected);
  });

  it('given a good answer that was the last one of the window, when the next call comes, then it waits for the new window', async () => {
    const { runner, id: known } = await built('running');
    double.fail({ headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': '3' }, body: JSON.stringify(double.builds[0]) });
    expect((await runner.status(known)).status).toBe('running');
    await expect(runner.status(known)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 3000 });
  });

  it.each([
    [408, 'buildkite_unavailable', true], [429, 'rate_limited', true], [500, 'buildkite_unavailable', true], [502, 'buildkite_unavailable', true], [503, 'buildkite_unavailable', true], [504, 'buildkite_unavailable', true],
    [501, 'buildkite_refused', false], [505, 'buildkite_refused', false],
    [401, 'buildkite_unauthorized', false], [403, 'buildkite_forbidden', false], [400, 'buildkite_refused', false], [422, 'buildkite_refused', false], [404, 'unknown_build', false],
  ])('given status %i, when a build is asked about, then it is %s, retryable: %s', async (status, code, retryable) => {
    double.fail({ status, body: '{"message":"no"}' });
    await expect(runnerWith().status(id)).rejects.toMatchObject({ code, retryable });
  });

  it.each([
    ['a page, though with 200', 200, '<html><h1>Please log in</h1></html>'],
    ['a page with 404, which is not the word of Buildkite', 404, '<html>not here</html>'],
    ['a page with 403', 403, '<html>blocked</html>'],
    ['a redirect', 302, ''],
    ['half a body', 200, '{"number":4'],
    ['bytes', 200, '\u0000\u0001'],
    ['JSON that is no object', 200, '"ok"'],
    ['JSON of another shape', 200, '{"hello":1}'],
  ])('given %s, when it is read, then a retry may help', async (_, status, body) => {
    double.fail({ status, body, headers: { location: 'http://127.0.0.1:1/' } });
    await expect(runnerWith().status(id)).rejects.toMatchObject({ code: 'buildkite_bad_answer', retryable: true });
  });

  it.each([500, 502, 503, 504])('given a start that is answered with %i though it made the build, when it is tried again, by another worker, then it is that build', async (status) => {
    double.fail({ method: 'POST', afterEffect: true, status, body: '<html>bad gateway</html>' });
    await expect(runnerWith().trigger(asked)).rejects.toMatchObject({ code: 'buildkite_unavailable', retryable: true });
    expect(await runnerWith().trigger(asked)).toBe('race_42');
    expect(double.builds.map(({ state }) => state)).toEqual(['scheduled']);
  });

  it('given a cancel that got through and whose answer is lost, when it is tried again, then that is success', async () => {
    const { runner, id: known } = await built('running');
    double.fail({ method: 'PUT', afterEffect: true, status: 502, body: '<html></html>' });
    await expect(runner.cancel(known)).rejects.toMatchObject({ retryable: true });
    await runner.cancel(known);
    expect((await runner.status(known)).status).toBe('cancelled');
    await runner.cancel(known);
  });

  it('given a page instead of the answer to a start, when it is tried again, then there is one build', async () => {
    double.fail({ method: 'POST', status: 502, body: '<html>bad gateway</html>' });
    await expect(runnerWith().trigger(asked)).rejects.toMatchObject({ code: 'buildkite_unavailable', retryable: true });
    expect(await runnerWith().trigger(asked)).toBe('race_42');
  });

  it.each(['head', 'body'] as const)('given an answer whose %s never comes to its end, when its time is over, then a retry may help', async (stall) => {
    double.fail({ stall, body: '{"number":42,"state":"running"}' });
    await expect(runnerWith({ timeoutMs: 200 }).status(id)).rejects.toMatchObject({ code: 'buildkite_timeout', retryable: true });
  });

  it('given a connection that breaks off in the middle of an answer, when it is read, then a retry may help, and the next one does', async () => {
    const { runner, id: known } = await built('running');
    double.fail({ stall: 'cut', body: '{"number":42,"state":"running"}' });
    await expect(runner.status(known)).rejects.toMatchObject({ code: 'buildkite_unreachable', retryable: true });
    expect((await runner.status(known)).status).toBe('running');
  });

  it('given an answer of a size no build has, when it is read, then it is not read to its end', async () => {
    double.fail({ body: `"${'x'.repeat(17 * 1024 * 1024)}"` });
    await expect(runnerWith().status(id)).rejects.toMatchObject({ code: 'buildkite_bad_answer', retryable: true, message: expect.stringContaining('larger') as string });
  });

  it.each([301, 302, 303, 307, 308])('given a redirect %i to somebody else, with a body that looks right, when it is met, then the token does not go there, and a retry may help', async (status) => {
    const stranger = await buildkiteDouble();
    try {
      for (const method of ['GET', 'POST', 'PUT']) double.fail({ method, status, headers: { location: `${stranger.url}/v2/x` }, body: '{"number":42,"state":"passed"}' });
      const answers = [runnerWith().status(id), runnerWith().cancel(id)];
      for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'buildkite_bad_answer', retryable: true });
      await expect(runnerWith().trigger(asked)).rejects.toMatchObject({ code: 'buildkite_bad_answer', retryable: true });
      expect(stranger.requests).toEqual([]);
    } finally {
      await stranger.close();
    }
  });

  it('given nobody listens, when a build is asked about, then a retry may help', async () => {
    await expect(runnerWith({ baseUrl: 'http://127.0.0.1:1' }).status(id)).rejects.toMatchObject({ code: 'buildkite_unreachable', retryable: true });
  });

  it('given no such pipeline, when a build is triggered, then that is said and final', async () => {
    await expect(runnerWith({ pipeline: 'nowhere' }).trigger(asked)).rejects.toMatchObject({ code: 'buildkite_not_found', retryable: false });
  });

  it('given errors of every kind that repeat the token, when they are read, then it is in none of them', async () => {
    const token = 'bkua_fedcba9876543210';
    const words: string[] = [];
    const note = (error: unknown): void => { words.push(JSON.stringify(error, Object.getOwnPropertyNames(error)), String(error), (error as Error).stack ?? '', String((error as Error).cause)); };
    const runner = runnerWith({ token });
    words.push(JSON.stringify(runner));
    for (const [status, body] of [[401, `{"message":"bad token ${token}"}`], [500, `{"message":"${token}"}`], [400, `{"message":"${token}"}`], [200, `<b>${token}</b>`]] as const) {
      double.fail({ status, body });
      await runner.status(id).catch(note);
    }
    const throwing = runnerWith({ token, fetch: () => Promise.reject(new TypeError('fetch failed', { cause: new Error(`invalid header Bearer ${token}`) })) });
    await throwing.status(id).catch(note);
    expect(words.length).toBeGreaterThan(20);
    expect(words.join('\n')).not.toContain('fedcba');
    expect(() => runnerWith({ token: 'with space' })).toThrow(expect.objectContaining({ code: 'bad_runner' }) as Error);
  });
});
