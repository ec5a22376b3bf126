import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import type { ContainerInspectInfo } from 'dockerode';
import { TerminalError } from '../../../kernel/errors.ts';
import type { BuildId, RunSample } from '../../../machines/run/runner.ts';
import { readJson, writeOnce } from '../process/files.ts';
import { isBuildId, runFolder, type RunFolder } from '../process/folder.ts';
import { storedResult } from '../process/settle.ts';
import type { Carrier } from './carry.ts';
import { inspect, labels, requireOwn, type DockerRequest } from './container.ts';
import { infrastructure, outcomeOf, outcomeOfWish, type Outcome } from './outcome.ts';
import { planOf, type Plan } from './plan.ts';
import type { Preparations } from './preparations.ts';
import { settle, tidy, withArtifact } from './settle.ts';
import { begin, type NotStarted } from './start.ts';
import type { Stopping } from './stopping.ts';
import type { DockerTools } from './tools.ts';
import { readWish, wishEnd } from './wish.ts';

/** What this worker has at hand beside the tools. */
export interface Hands {
  readonly preparations: Preparations;
  readonly stopping: Stopping;
  /** Undefined when nobody wants the build's output. */
  carrierOf(folder: RunFolder, request: DockerRequest): Carrier | undefined;
  forget(id: BuildId): void;
}

/** @throws TerminalError `unknown_build`. */
export async function known(tools: DockerTools, id: BuildId): Promise<RunFolder> {
  const folder = runFolder(tools.dataDir, id);
  if (isBuildId(id) && (existsSync(folder.request) || existsSync(folder.result) || (await adopt(tools, folder)))) return folder;
  throw new TerminalError('unknown_build', `The docker runner has no build "${id}".`, { hint: 'Use an id that its trigger returned, with the same engine or data folder.' });
}

/** A container without a folder was started by a worker whose folder is lost: its labels say everything. */
async function adopt(tools: DockerTools, folder: RunFolder): Promise<boolean> {
  const request = (await inspect(tools.docker, folder.id))?.Config.Labels[labels.request];
  if (request === undefined) return false;
  await mkdir(folder.path, { recursive: true, mode: 0o700 });
  await writeOnce(folder.request, JSON.parse(request));
  return true;
}

/** How the build is; moves it on where it stands still, and settles it once it has ended. */
export async function look(tools: DockerTools, hands: Hands, id: BuildId): Promise<RunSample> {
  const folder = await known(tools, id);
  const request = await readJson<DockerRequest>(folder.request);
  const stored = await storedResult(folder);
  if (stored !== undefined || request === undefined) {
    hands.forget(id);
    if (request !== undefined) await tidy(tools, folder, request);
    return stored ?? (await lastWord(folder));
  }
  try {
    const plan = planOf(request.metadata, tools.defaults);
    const seen = await inspect(tools.docker, id);
    if (seen !== undefined) requireOwn(id, seen, request);
    const outcome = seen === undefined ? await absent(tools, hands, folder, request, plan) : await present(tools, hands, folder, request, plan, seen);
    if (typeof outcome === 'string') return { status: outcome, metadata: request.metadata };
    const result = await settle(tools, folder, request, outcome);
    hands.forget(id);
    return result;
  } catch (error) {
    // Another worker may have settled it in the middle, and taken everything away.
    const theirs = await storedResult(folder);
    if (theirs !== undefined) return theirs;
    throw error;
  }
}

async function lastWord(folder: RunFolder): Promise<RunSample> {
  const result = await storedResult(folder);
  if (result !== undefined) return result;
  throw new TerminalError('unknown_build', `The folder of build "${folder.id}" was emptied by somebody else.`, { hint: 'Leave the data folder to Millrace.' });
}

type Sight = 'accepted' | 'running' | Outcome;

async function absent(tools: DockerTools, { preparations }: Hands, folder: RunFolder, request: DockerRequest, plan: Plan): Promise<Sight> {
  const wish = await readWish(folder);
  if (existsSync(folder.started) && !preparations.has(folder.id)) {
    return wish === undefined ? infrastructure('lost', 'the container was removed while the build ran, and left no result') : outcomeOfWish(wish, plan);
  }
  if (wish !== undefined) {
    await preparations.stop(folder.id);
    return (await inspect(tools.docker, folder.id)) === undefined ? outcomeOfWish(wish, plan) : 'accepted';
  }
  const outcome = await preparations.check(folder, plan);
  if (outcome !== undefined) {
    await preparations.stop(folder.id);
    return outcome;
  }
  preparations.go(folder, request, plan);
  return 'accepted';
}

async function present(tools: DockerTools, hands: Hands, folder: RunFolder, request: DockerRequest, plan: Plan, { State, Config }: ContainerInspectInfo): Promise<Sight> {
  if (!existsSync(folder.started)) await writeOnce(folder.started, { at: Date.now() });
  const wish = await readWish(folder);
  const workdir = Config.WorkingDir === '' ? '/' : Config.WorkingDir;
  switch (State.Status) {
    case 'created': {
      if (wish !== undefined) {
        await hands.preparations.stop(folder.id);
        return outcomeOfWish(wish, plan);
      }
      const failed = await readJson<NotStarted>(folder.exit);
      if (failed !== undefined) return infrastructure('not_spawned', `the container could not be started: ${failed.message}`);
      if (Config.Labels[labels.buildOnly] === 'true') return withArtifact(tools, folder, workdir, plan.artifact, { status: 'succeeded', metadata: {} });
      if (!hands.preparations.has(folder.id) && (await isStale(folder, tools.startGraceMs))) await begin(tools, folder);
      return 'accepted';
    }
    case 'exited':
    case 'dead': {
      await hands.carrierOf(folder, request)?.drain();
      return withArtifact(tools, folder, workdir, plan.artifact, outcomeOf(State, wish, plan));
    }
    default: {
      hands.carrierOf(folder, request)?.follow();
      if (State.Paused) await tools.pauses.stopped(folder.id); else await tools.pauses.resumed(folder.id);
      if (wish !== undefined || (!State.Paused && (await isOverdue(tools, folder.id, State.StartedAt, plan)))) {
        if (wish === undefined) await wishEnd(folder, 'timeout');
        hands.stopping.end(folder.id);
      }
      return 'running';
    }
  }
}

/** Whoever named it starts it at once; if it was not, that worker is gone. */
const isStale = async (folder: RunFolder, graceMs: number): Promise<boolean> =>
  Date.now() - (await stat(folder.started)).mtimeMs >= graceMs;

async function isOverdue({ pauses }: DockerTools, id: BuildId, startedAt: string, { limits }: Plan): Promise<boolean> {
  const { pausedMs } = await pauses.read(id);
  return Date.now() - Date.parse(startedAt) - pausedMs >= limits.timeoutMs;
}
