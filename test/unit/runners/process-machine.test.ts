import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Exit, SideEnd } from '../../../src/adapters/runners/process/exit.ts';
import { limiterTools } from '../../../src/adapters/runners/process/limiter.ts';
import { runFolder, type RunFolder } from '../../../src/adapters/runners/process/folder.ts';
import { system } from '../../../src/adapters/runners/process/observe.ts';
import type { Order } from '../../../src/adapters/runners/process/order.ts';
import { outcomeOf } from '../../../src/adapters/runners/process/outcome.ts';
import { sideTools } from '../../../src/adapters/runners/process/side.ts';
import { usageTools } from '../../../src/adapters/runners/process/usage.ts';
import type { BuildId } from '../../../src/machines/run/runner.ts';
import { pause } from '../../support/runner/shop.ts';

let dir: string;
let folder: RunFolder;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-side-'));
  folder = runFolder(dir, 'a'.repeat(32) as BuildId);
  for (const path of [folder.work, folder.home, folder.temp]) await mkdir(path, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

interface Machine {
  readonly kills: number;
  readonly freeBytes: number;
}

/** Run a command on a machine that is short of something: what it says before, and once the command has ended. */
async function on(before: Machine, after: Machine, command: string): Promise<Exit> {
  let looks = 0;
  const usage = { ...usageTools(fs, system), machine: () => (looks++ === 0 ? before : after) };
  const order: Order = {
    build: folder.mark, command, env: { PATH: process.env.PATH ?? '' }, folder, sides: [], limits: { timeoutMs: 60_000 }, secrets: [],
    verdict: undefined, note: undefined, graceMs: 100, maxOutputBytes: 1000,
  };
  const printer = { print: () => undefined, follow: (_: string, stream: NodeJS.ReadableStream) => void stream.resume(), sync: () => undefined, isCut: () => false };
  const side = sideTools({ fs, spawn, system, limiter: limiterTools(usage) })(order, { side: 'head', work: folder.work, home: folder.home, temp: folder.temp }, printer, () => undefined);
  let end: SideEnd | undefined;
  for (; end === undefined; end = side.tick()) await pause(10);
  return { ...end, side: 'head', startedAt: end.endedAt, outputCut: false };
}

const fine = { kills: 3, freeBytes: 1e9 };

describe('a machine that is short of something', () => {
  it('given it killed processes for lack of memory meanwhile, when the build is killed, then nobody is to blame', async () => {
    for (const command of ['kill -9 $$', 'sh -c "kill -9 \\$\\$"; exit 137']) {
      const { status, metadata } = outcomeOf(await on(fine, { ...fine, kills: 4 }, command));
      expect({ status, ...metadata }).toMatchObject({ status: 'failed', infrastructure: 'true', reason: 'machine_out_of_memory' });
      expect(metadata.failedSide).toBeUndefined();
    }
  });

  it('given its disk is full, when the build fails, then nobody is to blame', async () => {
    const { metadata } = outcomeOf(await on(fine, { ...fine, freeBytes: 4096 }, 'exit 1'));
    expect(metadata).toMatchObject({ infrastructure: 'true', reason: 'machine_disk_full' });
    expect(metadata.failedSide).toBeUndefined();
  });

  it('given it has enough, or the build does not seem to mind, when the build ends, then its own word counts', async () => {
    expect(outcomeOf(await on(fine, fine, 'kill -9 $$')).metadata).toMatchObject({ reason: 'signal', failedSide: 'head' });
    expect(outcomeOf(await on(fine, { ...fine, kills: 4 }, 'exit 1')).metadata).toMatchObject({ reason: 'exit_code', failedSide: 'head' });
    expect(outcomeOf(await on(fine, { kills: 4, freeBytes: 0 }, 'exit 0')).status).toBe('succeeded');
  });

  it('given the real machine, when it is looked at, then it can be told what it is short of', () => {
    const { kills, freeBytes } = usageTools(fs, system).machine(dir);
    expect(Number.isSafeInteger(kills)).toBe(true);
    expect(freeBytes).toBeGreaterThan(1_048_576);
  });
});
