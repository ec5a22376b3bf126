import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { readJson, writeOnce } from './files.ts';
import type { RunFolder } from './folder.ts';
import type { Exit } from './exit.ts';
import { buildMarker, systemTools, type ProcessRef } from './system.ts';

export const system = systemTools({ readFileSync, readdirSync }, buildMarker);

export type Sight =
  | { readonly state: 'accepted' | 'running' }
  /** No `exit`: the supervisor died without a word. */
  | { readonly state: 'ended'; readonly exit: Exit | undefined };

/** How the build is, from its files and its supervisor's pid. Any worker sees the same. */
export async function observe(folder: RunFolder): Promise<Sight> {
  const supervisor = await readJson<ProcessRef>(folder.started);
  if (supervisor === undefined) return unstarted(folder);
  // Alive first, exit second: it writes its exit before it goes.
  const alive = supervisor.pid > 0 && system.isAlive(supervisor);
  const exit = await readJson<Exit>(folder.exit);
  if (exit !== undefined) return { state: 'ended', exit };
  if (supervisor.pid === 0) return { state: 'ended', exit: await neverRan(folder) };
  if (alive) return { state: 'running' };
  await endRest(folder);
  return { state: 'ended', exit: undefined };
}

/** A cancel before the start wins: the start's mark is taken, so no supervisor can ever take it. */
async function unstarted(folder: RunFolder): Promise<Sight> {
  if (!existsSync(folder.cancel)) return { state: 'accepted' };
  await writeOnce(folder.started, { pid: 0, incarnation: '' } satisfies ProcessRef);
  return observe(folder);
}

async function neverRan(folder: RunFolder): Promise<Exit> {
  const reason = (await readJson<string>(folder.cancel)) === 'interrupted' ? 'interrupted' : 'cancelled';
  return { exitCode: null, signal: null, side: 'head', startedAt: 0, endedAt: 0, reason, outputCut: false, pausedMs: 0, cpuMs: 0, memoryPeakBytes: 0 };
}

/** Its supervisor is gone: nobody else would end what still runs of the build. */
export async function endRest(folder: RunFolder): Promise<void> {
  const child = system.hasProc ? undefined : await readJson<ProcessRef>(folder.child);
  const family = system.family(folder.mark);
  // Standing still, it makes no more of itself.
  if (system.hasProc) family.freeze(undefined);
  family.signal(child?.pid, 'SIGKILL');
}
