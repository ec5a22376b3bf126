import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { RetryableError, TerminalError } from '../../../kernel/errors.ts';
import type { PausableRunner } from '../../../machines/run/pausable.ts';
import type { BuildId } from '../../../machines/run/runner.ts';
import { pauseRecords } from '../pause/records.ts';
import { writeOnce } from './files.ts';
import { isBuildId, runFolder, type RunFolder } from './folder.ts';
import { observe } from './observe.ts';
import type { ProcessRunner } from './runner.ts';

const answerWithinMs = 10_000;

/**
 * A process runner whose builds can be frozen: SIGSTOP and SIGCONT to everything of the build, for Linux.
 * The supervisor does it, which also sees what is forked in that moment; its limits rest meanwhile.
 */
export function pausableProcess(runner: ProcessRunner, dataDir: string): ProcessRunner & PausableRunner {
  const records = pauseRecords(dataDir);

  /** False once it has ended. @throws RetryableError `not_running`. */
  const runs = async (folder: RunFolder): Promise<boolean> => {
    if (existsSync(folder.result)) return false;
    const { state } = await observe(folder);
    if (state === 'ended') return false;
    if (state === 'running' && existsSync(folder.child)) return true;
    throw new RetryableError('not_running', `Build ${folder.id} has not begun to run.`, { hint: 'Try again in a moment, or cancel it.' });
  };

  /** Until the supervisor has done as it was told, or the build has ended. */
  const answered = async (folder: RunFolder, still: boolean): Promise<boolean> => {
    for (const until = performance.now() + answerWithinMs; existsSync(folder.paused) !== still; await pause(20)) {
      if (!(await runs(folder))) return false;
      if (performance.now() < until) continue;
      throw new RetryableError(still ? 'not_stopped' : 'not_started', `Build ${folder.id} did not ${still ? 'stand still' : 'go on'} in time.`, { hint: 'Try again, or cancel it.' });
    }
    return true;
  };

  return {
    ...runner,
    async stop(id) {
      const folder = known(dataDir, id);
      if (!(await runs(folder))) return;
      await writeOnce(folder.pause, 'stop');
      if (await answered(folder, true)) await records.stopped(id);
    },
    async start(id) {
      const folder = known(dataDir, id);
      if (!(await runs(folder))) return (await records.read(id)).generation;
      await rm(folder.pause, { force: true });
      return (await answered(folder, false)) ? records.resumed(id) : (await records.read(id)).generation;
    },
    async progress(id) {
      const folder = known(dataDir, id);
      const { generation, stoppedAt } = await records.read(id);
      const state = existsSync(folder.result) ? 'ended' : (await observe(folder)).state;
      // Its supervisor runs before the build does.
      if (state === 'accepted' || (state === 'running' && !existsSync(folder.child))) return { generation, state: 'waiting' };
      return { generation, state: state === 'running' && stoppedAt !== null ? 'stopped' : state };
    },
  };
}

function known(dataDir: string, id: BuildId): RunFolder {
  const folder = runFolder(dataDir, id);
  if (isBuildId(id) && existsSync(folder.path)) return folder;
  throw new TerminalError('unknown_build', `The process runner has no build "${id}".`, { hint: 'Use an id that its trigger returned, with the same data folder.' });
}
