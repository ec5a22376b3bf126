import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workers } from '../../../src/adapters/nats/workers/list.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import { eventually } from '../../support/broker.ts';
import { begin, run, type Running } from '../../support/cli.ts';
import { startNats, type TestNats } from '../../support/nats.ts';

describe('millrace worker --processes 2', () => {
  let nats: TestNats;
  let millrace: Millrace;
  let crew: Running | undefined;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-crew-'));
    nats = await startNats();
    millrace = await connect({ servers: nats.url });
  });
  afterEach(async () => {
    await crew?.stop();
    crew = undefined;
    await millrace.close();
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const env = (): Record<string, string> => ({
    NATS_URL: nats.url, MILLRACE_DATA: join(folder, 'data'), TEAM_FILE: join(folder, 'notes'), MILLRACE_MACHINES: resolve('test/support/team/machines.mjs'),
  });
  const gather = async (): Promise<number[]> => {
    crew = await begin(['worker', '--processes', '2'], { env: env() });
    return served();
  };
  /** The pids of the two workers that serve all tallies between them, once there are two and `wanted` ones. */
  const served = async (wanted: (pids: readonly number[]) => boolean = () => true): Promise<number[]> => {
    let pids: number[] = [];
    await eventually(async () => {
      const list = await workers(millrace.broker).list();
      pids = list.map(({ pid }) => pid);
      const all = new Set(list.flatMap(({ serves }) => serves.tally ?? []));
      return list.length === 2 && list.every(({ serves }) => (serves.tally ?? []).length > 0) && all.size === millrace.broker.partitions && wanted(pids);
    }, 20_000);
    return pids;
  };
  const isThere = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const noneLeft = (pids: readonly number[]): Promise<void> => eventually(() => !pids.some(isThere), 15_000);

  it('given a process that is killed, then another takes its place and its share and every actor answers; given SIGTERM then, all end gracefully, none is left, and it exits with 0', async () => {
    const [doomed = 0, other = 0] = await gather();
    for (let a = 0; a < 8; a++) await millrace.send(`tally/t${a}`, 'create');
    process.kill(doomed, 'SIGKILL');
    const pids = await served((now) => !now.includes(doomed));
    expect(pids).toContain(other);
    for (let a = 0; a < 8; a++) expect(await millrace.send(`tally/t${a}`, 'add', { n: 1 })).toMatchObject({ accepted: true });

    expect((await crew?.stop())?.code).toBe(0);
    await noneLeft(pids);
    expect(await workers(millrace.broker).list()).toEqual([]);
  }, 60_000);

  it('given a supervisor that is killed, then its processes end by themselves', async () => {
    const pids = await gather();
    crew?.signal('SIGKILL');
    await noneLeft(pids);
  }, 60_000);

  it('given machines that cannot be loaded, then it says so once and exits as one worker would', async () => {
    const { code, stderr } = await run(['worker', '--processes', '2', '-o', 'json'], { env: { ...env(), MILLRACE_MACHINES: join(folder, 'nothing.mjs') } });
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }, 60_000);
});
