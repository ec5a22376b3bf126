import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { workers } from '../../../src/adapters/nats/workers/list.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import { eventually } from '../broker.ts';
import { startWorker, type WorkerProcess } from '../build/worker.ts';
import { startNats, type TestNats } from '../nats.ts';

/** What an activity of a team's machines wrote down. */
export interface Note { readonly what: 'began' | 'done' | 'applied' | 'refused'; readonly key: string; readonly pid: number; readonly at: number }

/** A server, a client and any number of real worker processes that carry the same machines. */
export interface ProcessTeam {
  readonly nats: TestNats;
  readonly millrace: Millrace;
  /** Where the machines write: `TEAM_FILE` to them. */
  readonly file: string;
  start(): Promise<WorkerProcess>;
  notes(): Promise<readonly Note[]>;
  /** So many workers live, and every partition of the tallies and jobs is served by one of them. */
  settled(count: number, limitMs?: number): Promise<void>;
  /** Partitions of the jobs that this process serves. */
  serves(pid: number): Promise<readonly number[]>;
  end(): Promise<void>;
}

/** `ackWaitMs`: by default so long that nothing can have come back by it. `machines`: a file of this folder. */
export async function processTeam(ackWaitMs = 60_000, machines = 'machines.mjs'): Promise<ProcessTeam> {
  const nats = await startNats();
  const folder = await mkdtemp(join(tmpdir(), 'millrace-team-'));
  const millrace = await connect({ servers: nats.url });
  const started: WorkerProcess[] = [];
  const file = join(folder, 'notes');
  const env = {
    MILLRACE_MACHINES: resolve('test/support/team', machines), TEAM_FILE: file,
    MILLRACE_ACK_WAIT_MS: String(ackWaitMs), MILLRACE_PIN_TIMEOUT_MS: '2000',
  };
  return {
    nats, millrace, file,
    async start() {
      const worker = await startWorker(nats.url, join(folder, 'data'), env);
      started.push(worker);
      return worker;
    },
    async notes() {
      const text = await readFile(file, 'utf8').catch(() => '');
      return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Note);
    },
    settled: (count, limitMs = 8_000) => eventually(async () => {
      const list = await workers(millrace.broker).list();
      return list.length === count && ['job', 'tally'].every((type) => {
        const all = list.flatMap(({ serves }) => serves[type] ?? []);
        return all.length === millrace.broker.partitions && new Set(all).size === all.length;
      });
    }, limitMs),
    serves: async (pid) => (await workers(millrace.broker).list()).find((worker) => worker.pid === pid)?.serves.job ?? [],
    async end() {
      await Promise.all(started.map((worker) => worker.kill()));
      await millrace.close();
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
