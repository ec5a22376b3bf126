import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { jobEnvironment } from '../../../src/adapters/job/environment.ts';
import { jobKey } from '../../../src/adapters/job/key.ts';
import { socketPath } from '../../../src/adapters/job/places.ts';
import { startServer } from '../../../src/adapters/nats/server/launch.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import { startWorker, type WorkerProcess } from '../build/worker.ts';
import { compiled } from '../compiled.ts';
import { promiseEndpoint, type PromiseEndpoint } from './endpoint.ts';

export interface Call {
  /** What `millrace promise-failure` would have exited with. */
  readonly code: number;
  readonly outcome: string;
  readonly ms: number;
}

/** A real server, real workers that pass promises on to an endpoint, a run that does not end, and real processes that call. */
export interface Field {
  readonly millrace: Millrace;
  readonly endpoint: PromiseEndpoint;
  /** Of the run's job. */
  readonly env: Record<string, string>;
  worker(): Promise<WorkerProcess>;
  /** `calls` calls, one after the other, in each of `processes` processes, `atOnce` of them at a time. */
  callers(options: { processes: number; calls: number; atOnce: number; deadlineMs: number }): Promise<readonly Call[]>;
  close(): Promise<void>;
}

export async function field(): Promise<Field> {
  const dist = resolve(dirname(await compiled('src/cli/main.js')), '../..');
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-promise-'));
  const key = jobKey(dataDir, {});
  const server = await startServer({ dataDir, jobIssuer: key.publicKey });
  const endpoint = await promiseEndpoint();
  const millrace = await connect({ servers: server.url });
  const workers: WorkerProcess[] = [];
  const children = new Set<ChildProcess>();
  const variables = jobEnvironment({ key, prefix: 'millrace', socket: socketPath(dataDir), url: server.url });
  const env = { ...await variables('run/r1'), MILLRACE_BUILD: 'run/r1' };

  async function caller(calls: number, deadlineMs: number): Promise<Call[]> {
    const child = spawn(process.execPath, [resolve('test/support/promise/caller.mjs'), dist, String(calls), String(deadlineMs)], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(child);
    child.once('close', () => children.delete(child));
    const [told] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return JSON.parse(told) as Call[];
  }

  return {
    millrace, endpoint, env,
    async worker() {
      const worker = await startWorker(server.url, dataDir, {
        MILLRACE_SCRIPTED: '1', MILLRACE_ACK_WAIT_MS: '1000', MILLRACE_PIN_TIMEOUT_MS: '1000',
        MILLRACE_PROMISE_UPSTREAM: 'buildkite', BUILDKITE_JOB_ID: 'job-1', BUILDKITE_AGENT_ACCESS_TOKEN: endpoint.token, BUILDKITE_AGENT_ENDPOINT: endpoint.url,
      });
      workers.push(worker);
      return worker;
    },
    async callers({ processes, calls, atOnce, deadlineMs }) {
      const all: Call[] = [];
      let left = processes;
      await Promise.all(Array.from({ length: atOnce }, async () => {
        while (left-- > 0) all.push(...await caller(calls, deadlineMs));
      }));
      return all;
    },
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(workers.map((worker) => worker.kill()));
      await millrace.close();
      await endpoint.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export const percentile = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
