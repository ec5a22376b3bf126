import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildkiteDeclarer } from '../../src/adapters/declarers/buildkite/declarer.ts';
import { buildkiteFrom } from '../../src/adapters/declarers/buildkite/from-environment.ts';
import { inTurn } from '../../src/adapters/declarers/in-turn.ts';
import { mill } from '../support/promise/mill.ts';
import { promiseEndpoint, type PromiseEndpoint } from '../support/promise/endpoint.ts';
import { declarerContract } from './declarer.contract.ts';

declarerContract('Millrace itself', async () => {
  const { world, worker, run, declarer, whileTimeGoesOn } = mill();
  await worker();
  await run('b1', 'accepted running');
  return {
    declarer, build: 'run/b1',
    taken: () => world.records('run/b1').filter(({ type }) => type === 'promise').map(({ data }) => data as { exitStatus: number }),
    async end() {
      await world.send('run/b1', 'cancel');
      await world.clock.runUntil(() => world.ended('run/b1'));
    },
    setAway: (away) => world.queue.setDown(away),
    settle: whileTimeGoesOn,
    close: async () => undefined,
  };
});

const declarerOf = ({ url, token }: PromiseEndpoint, timeoutMs = 10_000) =>
  buildkiteDeclarer({ endpoint: url, job: 'job-1', token, timeoutMs, now: () => Date.UTC(2026, 0, 1) });

declarerContract('Buildkite', async () => {
  const endpoint = await promiseEndpoint();
  return {
    declarer: declarerOf(endpoint), build: 'run/b1',
    taken: () => (endpoint.taken === undefined ? [] : endpoint.requests.slice(0, 1).map(() => ({ exitStatus: endpoint.taken ?? 0, ...(reasonOf(endpoint) === undefined ? {} : { reason: reasonOf(endpoint) ?? '' }) }))),
    end: async () => { endpoint.running = false; },
    setAway: (away) => { if (away) endpoint.next.push((response) => response.writeHead(503).end()); },
    settle: (work) => work,
    close: () => endpoint.close(),
  };
});

const reasonOf = ({ requests }: PromiseEndpoint): string | undefined => requests[0]?.body.reason;

describe('Buildkite\'s endpoint', () => {
  let endpoint: PromiseEndpoint;
  beforeEach(async () => { endpoint = await promiseEndpoint(); });
  afterEach(() => endpoint.close());
  const declare = (signal = new AbortController().signal, timeoutMs?: number) => declarerOf(endpoint, timeoutMs).declare({ build: 'run/b1', exitStatus: 1, reason: 'why' }, 'promise/b1-1', signal);

  it('given a promise, when it is declared, then it is one PUT for this job, by its own token', async () => {
    await declare();
    expect(endpoint.requests).toEqual([{ method: 'PUT', path: '/v3/jobs/job-1/promise_failure', token: `Token ${endpoint.token}`, body: { exit_status: 1, reason: 'why' } }]);
  });

  it.each([
    [200, '<html>please sign in</html>', 'later', 'upstream_unavailable'], [201, '{}', 'later', 'upstream_unavailable'], [202, '', 'later', 'upstream_unavailable'],
    [302, '', 'later', 'upstream_unavailable'], [408, '', 'later', 'upstream_unavailable'], [500, '', 'later', 'upstream_unavailable'],
    [502, '<html>', 'later', 'upstream_unavailable'], [503, '{"message":"soon"}', 'later', 'upstream_unavailable'], [429, '', 'later', 'rate_limited'],
    [400, '', 'refused', 'upstream_refused'], [401, '', 'refused', 'upstream_refused'], [403, '', 'refused', 'upstream_refused'],
    [404, '', 'refused', 'promises_off'], [409, '', 'refused', 'another_status'], [422, '', 'refused', 'not_running'],
  ] as const)('B7.4 given an answer of %i with %j, when it comes, then the verdict is %s, for only 204 is yes', async (status, body, verdict, code) => {
    endpoint.next.push((response) => response.writeHead(status, { location: '/elsewhere' }).end(body));
    expect(await declare()).toMatchObject({ verdict, code });
    expect(endpoint.requests).toHaveLength(1);
  });

  it.each([['7', 7000], ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000], ['soon', undefined]] as const)('given 429 with Retry-After %s, then the wait is passed on', async (value, retryAfterMs) => {
    endpoint.next.push((response) => response.writeHead(429, { 'retry-after': value }).end());
    expect(await declare()).toEqual({ verdict: 'later', code: 'rate_limited', message: 'Buildkite answered with 429', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  });

  it.each([
    ['is dropped', (response: { destroy(): void }) => response.destroy()],
    ['never ends', (response: { writeHead(status: number): { write(text: string): void } }) => response.writeHead(200).write('half')],
    ['never begins', () => undefined],
  ] as const)('given a connection that %s, then it is later, within the time limit', async (_what, answer) => {
    endpoint.next.push(answer as never);
    expect(await declare(undefined, 200)).toMatchObject({ verdict: 'later', code: 'upstream_unreachable' });
  });

  it('given an upstream that repeats the token, then neither verdict nor message holds it', async () => {
    endpoint.next.push((response) => response.writeHead(401).end(JSON.stringify({ message: `Token ${endpoint.token} is unknown` })));
    expect(JSON.stringify(await declare())).not.toContain(endpoint.token);
    endpoint.next.push((response) => response.writeHead(503).end(JSON.stringify({ message: endpoint.token })));
    expect(JSON.stringify(await declare())).not.toContain(endpoint.token);
  });

  it('given an attempt that is aborted, then that is no verdict', async () => {
    endpoint.next.push(() => undefined);
    const stop = new AbortController();
    const declared = declare(stop.signal);
    stop.abort();
    await expect(declared).rejects.toThrow(/abort/i);
  });

  it('given Millrace and Buildkite in turn, when the first refuses, then the second hears nothing', async () => {
    const first = { name: 'first', declare: async () => ({ verdict: 'refused', code: 'another_status', message: 'no' }) as const };
    expect(await inTurn(first, declarerOf(endpoint)).declare({ build: 'run/b1', exitStatus: 1 }, 'k', new AbortController().signal)).toMatchObject({ verdict: 'refused' });
    expect(endpoint.requests).toEqual([]);
  });

  it('given a worker\'s environment, then Buildkite is told only when it is asked for, and a mistake is named', () => {
    const job = { BUILDKITE_JOB_ID: 'j', BUILDKITE_AGENT_ACCESS_TOKEN: 't' };
    expect(buildkiteFrom(job)).toEqual([]);
    expect(buildkiteFrom({ ...job, MILLRACE_PROMISE_UPSTREAM: 'buildkite' }).map(({ name }) => name)).toEqual(['buildkite']);
    for (const env of [{ MILLRACE_PROMISE_UPSTREAM: 'buildkite' }, { ...job, MILLRACE_PROMISE_UPSTREAM: 'jenkins' }]) {
      expect(() => buildkiteFrom(env)).toThrow(expect.objectContaining({ code: 'bad_promise_upstream' }));
    }
  });
});
