import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { RetryableError, TerminalError } from '../../../kernel/errors.ts';
import type { PausableRunner } from '../../../machines/run/pausable.ts';
import type { BuildId } from '../../../machines/run/runner.ts';
import { pauseRecords } from '../pause/records.ts';
import { readJson } from './files.ts';
import { isBuildId, runFolder, type RunFolder } from './folder.ts';
import { observe, system } from './observe.ts';
import type { ProcessRunner } from './runner.ts';
import type { ProcessRef } from './system.ts';

/**
 * A process runner whose builds can be frozen: SIGSTOP and SIGCONT to everything of the build, for Linux.
 * The time limit runs on while a build is stopped.
 */
export function pausableProcess(runner: ProcessRunner, dataDir: string): ProcessRunner & PausableRunner {
  const records = pauseRecords(dataDir);

  /** The build's process group while it runs; undefined once it has ended. */
  const groupOf = async (id: BuildId): Promise<number | undefined> => {
    const folder = known(dataDir, id);
    if (existsSync(folder.result)) return undefined;
    const { state } = await observe(folder);
    if (state === 'ended') return undefined;
    const child = await readJson<ProcessRef>(folder.child);
    if (state === 'running' && child !== undefined) return child.pid;
    throw new RetryableError('not_running', `Build ${id} has not begun to run.`, { hint: 'Try again in a moment, or cancel it.' });
  };

  return {
    ...runner,
    async stop(id) {
      const group = await groupOf(id);
      if (group === undefined) return;
      await freeze(runFolder(dataDir, id), group);
      await records.stopped(id);
    },
    async start(id) {
      const group = await groupOf(id);
      if (group === undefined) return (await records.read(id)).generation;
      system.signalAll(runFolder(dataDir, id).mark, group, 'SIGCONT');
      return records.resumed(id);
    },
    async progress(id) {
      const folder = known(dataDir, id);
      const { generation, stoppedAt } = await records.read(id);
      const state = existsSync(folder.result) ? 'ended' : (await observe(folder)).state;
      // Its supervisor runs before the build does.
      if (state === 'accepted' || (state === 'running' && !existsSync(folder.child))) return { generation, state: 'waiting' };
      return { generation, state: state === 'running' && stoppedAt !== null ? 'stopped' : state };
    },
    async cancel(id) {
      await runner.cancel(id);
      // A frozen build hears no SIGTERM and could not clean up.
      const group = await groupOf(id).catch(() => undefined);
      if (group !== undefined && (await records.read(id)).stoppedAt !== null) system.signalAll(runFolder(dataDir, id).mark, group, 'SIGCONT');
    },
  };
}

function known(dataDir: string, id: BuildId): RunFolder {
  const folder = runFolder(dataDir, id);
  if (isBuildId(id) && existsSync(folder.path)) return folder;
  throw new TerminalError('unknown_build', `The process runner has no build "${id}".`, { hint: 'Use an id that its trigger returned, with the same data folder.' });
}

/** Until every process stands still: one that was just forked may have missed the signal. */
async function freeze({ id, mark }: RunFolder, group: number): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    system.signalAll(mark, group, 'SIGSTOP');
    await pause(10);
    if (system.members(mark, group).every(standsStill)) return;
  }
  throw new RetryableError('not_stopped', `Build ${id} still makes processes that run.`, { hint: 'Try again, or cancel it.' });
}

function standsStill(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return ['T', 't', 'Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    return true;
  }
}
