import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TerminalError } from '../../src/index.ts';
import { places } from './grounds.ts';

/** Every process of a sandbox inherits it: that is how it is found again, by whatever worker comes next. */
const marker = 'SANDBOX_PROCESS';

/** Pids of the living processes started under this key. Needs Linux's /proc. */
export async function processesOf(key: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(`${marker}=${key}`)) return [];
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return /\) [ZX] /.test(stat) || stat === '' ? [] : [Number(pid)];
  }));
  return found.flat();
}

export interface Program {
  /** Of the sandbox's step: what runs already under it is not started again. */
  readonly key: string;
  readonly home: string;
  readonly source: string;
  readonly args: readonly string[];
}

/**
 * One process for each key, in a group of its own, which outlives the worker.
 * @throws TerminalError `sandbox_taken_back` when the step was undone meanwhile: a worker that was cut off starts nothing.
 */
export async function ensureRunning(dir: string, step: string, { key, home, source, args }: Program): Promise<number> {
  const [running] = await processesOf(key);
  if (running !== undefined) return running;
  const child = spawn(process.execPath, ['-e', source, ...args], { cwd: home, detached: true, stdio: 'ignore', env: { PATH: process.env.PATH, [marker]: key } });
  child.unref();
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  // Looked at last: whoever undid it before this moment did not see the process, whoever does so later will.
  if (await isTakenBack(dir, step)) {
    await endProcesses(key);
    throw new TerminalError('sandbox_taken_back', `${step} was undone while it ran`);
  }
  return child.pid ?? 0;
}

/** Ends all of them, and waits until they are gone. */
export async function endProcesses(key: string): Promise<void> {
  for (let round = 0; ; round++) {
    const pids = await processesOf(key);
    if (pids.length === 0) return;
    for (const pid of pids) signal(pid, round < 20 ? 'SIGTERM' : 'SIGKILL');
    await pause(25);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}

/** Leave the mark before looking for processes: see `ensureRunning`. */
export async function markTakenBack(dir: string, step: string): Promise<void> {
  const mark = places(dir).takenBack(step);
  await mkdir(join(mark, '..'), { recursive: true });
  await writeFile(mark, '');
}

const isTakenBack = (dir: string, step: string): Promise<boolean> =>
  readFile(places(dir).takenBack(step)).then(() => true, () => false);
