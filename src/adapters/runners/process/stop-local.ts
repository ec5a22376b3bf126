import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { BuildId } from '../../../machines/run/runner.ts';
import { errno } from '../../sources/remove-tree.ts';
import { readJson, writeOnce } from './files.ts';
import { isBuildId, runFolder, runsFolder, type RunFolder } from './folder.ts';
import { endRest, system } from './observe.ts';
import type { ProcessRef } from './system.ts';

/**
 * Stop every build of this data folder and wait until none runs: SIGTERM, after the grace SIGKILL. A
 * worker that asks later is told that they were interrupted, which is nobody's failure.
 */
export async function stopLocalRuns(dataDir: string, { withinMs = 15_000 }: { withinMs?: number } = {}): Promise<void> {
  const live = await liveBuilds(dataDir);
  await Promise.all(live.map((folder) => writeOnce(folder.cancel, 'interrupted')));
  const until = performance.now() + withinMs;
  await Promise.all(live.map((folder) => ended(folder, until)));
}

async function liveBuilds(dataDir: string): Promise<RunFolder[]> {
  const names = await readdir(runsFolder(dataDir)).catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  });
  return names.filter(isBuildId).map((id) => runFolder(dataDir, id as BuildId)).filter((folder) => !existsSync(folder.result) && !existsSync(folder.exit));
}

async function ended(folder: RunFolder, until: number): Promise<void> {
  const supervisor = await readJson<ProcessRef>(folder.started);
  if (supervisor === undefined || supervisor.pid === 0) return;
  while (system.isAlive(supervisor)) {
    if (performance.now() >= until) {
      system.send(supervisor.pid, 'SIGKILL');
      break;
    }
    await pause(50);
  }
  if (!existsSync(folder.exit)) await endRest(folder);
}
