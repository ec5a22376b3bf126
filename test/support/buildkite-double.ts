import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A build as the REST API shows it. */
export interface DoubleBuild {
  id: string;
  number: number;
  state: string;
  blocked: boolean;
  web_url: string;
  commit: string;
  branch: string;
  message: string;
  env: Record<string, string>;
  meta_data: Record<string, string>;
  cancel_reason: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  jobs: { type: string; state: string }[];
}

/** What is to happen to the next request that matches, instead of, or after, its effect. */
export interface Fault {
  readonly method?: string;
  /** Skip so many matching requests first. */
  readonly after?: number;
  /** The request has its effect; then the answer is lost. */
  readonly loseReply?: boolean;
  /** The request has its effect; then the answer is this one. */
  readonly afterEffect?: boolean;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `body`: send the head and half of the body, and never the rest. `head`: send nothing, ever. `cut`: half of the body, then hang up. */
  readonly stall?: 'head' | 'body' | 'cut';
}

export interface BuildkiteDouble {
  readonly url: string;
  readonly token: string;
  readonly builds: DoubleBuild[];
  /** `GET /v2/...`, every request that arrived. */
  readonly requests: string[];
  /** The next request that matches is answered like this. */
  fail(fault: Fault): void;
  /** What a build's states are, one a look, by its commit; the last one stays. Default: it stays as it is. */
  readonly scripts: Map<string, string[]>;
  close(): Promise<void>;
}

const finished = new Set(['passed', 'failed', 'canceled', 'skipped', 'not_run']);

/** Buildkite's REST API v2, as far as a runner uses it: organization `mill`, pipeline `race`. */
export async function buildkiteDouble(): Promise<BuildkiteDouble> {
  const faults: (Fault & { skip: number })[] = [];
  const double: BuildkiteDouble = {
    url: '', token: 'bkua_0123456789abcdef', builds: [], requests: [], scripts: new Map(),
    fail: (fault) => void faults.push({ ...fault, skip: fault.after ?? 0 }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = request;
    double.requests.push(`${method} ${url}`);
    const body = await text(request);
    const fault = take(method);
    if (fault?.loseReply === true || fault?.afterEffect === true) respond(request, body);
    if (fault?.loseReply === true) {
      response.destroy();
      return;
    }
    if (fault?.stall === 'head') return;
    if (fault !== undefined) {
      const content = fault.body ?? '{"message":"try later"}';
      response.writeHead(fault.status ?? 200, { 'content-type': 'text/html', ...fault.headers });
      if (fault.stall === undefined) response.end(content);
      else response.write(content.slice(0, content.length / 2), () => { if (fault.stall === 'cut') response.destroy(); });
      return;
    }
    const [status, json] = respond(request, body);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'RateLimit-Remaining': '180', 'RateLimit-Limit': '200', 'RateLimit-Reset': '42' });
    response.end(JSON.stringify(json));
  };

  const take = (method: string): Fault | undefined => {
    const at = faults.findIndex((fault) => fault.method === undefined || fault.method === method);
    const fault = faults[at];
    if (fault === undefined || fault.skip-- > 0) return undefined;
    faults.splice(at, 1);
    return fault;
  };

  const respond = (request: IncomingMessage, body: string): [number, unknown] => {
    if (request.headers.authorization !== `Bearer ${double.token}`) return [401, { message: 'Authentication required. Please supply a valid API Access Token: https://buildkite.com/docs/apis/rest-api#authentication' }];
    const url = new URL(request.url ?? '/', 'http://double');
    const [, rest] = /^\/v2\/organizations\/mill\/pipelines\/race\/builds(.*)$/.exec(url.pathname) ?? [];
    if (rest === undefined) return [404, { message: 'No pipeline found' }];
    if (rest === '' && request.method === 'POST') return create(body);
    if (rest === '' && request.method === 'GET') return [200, search(url.searchParams)];
    const [, number, verb] = /^\/(\d+)(\/cancel)?$/.exec(rest) ?? [];
    const found = double.builds.find((build) => build.number === Number(number));
    if (found === undefined) return [404, { message: 'No build found' }];
    if (verb === undefined && request.method === 'GET') return [200, look(found)];
    if (verb !== undefined && request.method === 'PUT') return cancel(found);
    return [404, { message: 'Not found' }];
  };

  const create = (body: string): [number, unknown] => {
    const { commit, branch, message = '', env = {}, meta_data = {} } = JSON.parse(body) as Partial<DoubleBuild>;
    if (commit === undefined || branch === undefined) return [422, { message: 'Validation Failed', errors: [{ field: commit === undefined ? 'commit' : 'branch', code: 'missing' }] }];
    if (Object.values(meta_data).some((value) => typeof value !== 'string')) return [422, { message: 'Validation Failed', errors: [{ field: 'meta_data', code: 'invalid' }] }];
    const number = (double.builds.at(-1)?.number ?? 41) + 1;
    const build: DoubleBuild = {
      id: `01908131-7d9f-495e-a17b-${String(number).padStart(12, '0')}`, number, state: 'scheduled', blocked: false, web_url: `https://buildkite.com/mill/race/builds/${number}`,
      commit, branch, message, env, meta_data, cancel_reason: null, created_at: new Date().toISOString(), started_at: null, finished_at: null, jobs: [],
    };
    double.builds.push(build);
    return [201, build];
  };

  const search = (query: URLSearchParams): DoubleBuild[] => {
    const wanted = [...query].flatMap(([name, value]) => (/^meta_data\[(.+)\]$/.exec(name)?.[1] === undefined ? [] : [[/^meta_data\[(.+)\]$/.exec(name)?.[1] ?? '', value] as const]));
    return double.builds.filter(({ meta_data }) => wanted.every(([key, value]) => meta_data[key] === value)).toReversed().slice(0, Number(query.get('per_page') ?? 30));
  };

  const look = (build: DoubleBuild): DoubleBuild => {
    const script = double.scripts.get(build.commit);
    if (build.state === 'canceling') move(build, 'canceled');
    else if (script !== undefined && !finished.has(build.state)) {
      const at = Number(build.env.LOOKS ?? 0);
      build.env.LOOKS = String(at + 1);
      move(build, script[Math.min(at, script.length - 1)] ?? build.state);
    }
    return { ...build, env: {} };
  };

  const move = (build: DoubleBuild, state: string): void => {
    build.state = state;
    if (state !== 'scheduled') build.started_at ??= '2026-01-01T00:00:00.000Z';
    if (finished.has(state)) build.finished_at ??= '2026-01-01T00:01:30.500Z';
  };

  const cancel = (build: DoubleBuild): [number, unknown] => {
    if (finished.has(build.state)) return [422, { message: `Build can't be canceled because it's already finished.` }];
    build.state = 'canceling';
    return [200, build];
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(double, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
