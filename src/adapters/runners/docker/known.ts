import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { TerminalError } from '../../../kernel/errors.ts';
import type { BuildId } from '../../../machines/run/runner.ts';
import { writeOnce } from '../process/files.ts';
import { isBuildId, runFolder, type RunFolder } from '../process/folder.ts';
import { inspect, labels, type DockerRequest } from './container.ts';
import { containerName, hasBase, passedFile, type Side } from './place.ts';
import type { DockerTools } from './tools.ts';

/** The folder of a build that was triggered here, or somewhere. @throws TerminalError `unknown_build`. */
export async function known(tools: DockerTools, id: BuildId): Promise<RunFolder> {
  const folder = runFolder(tools.dataDir, id);
  if (isBuildId(id) && (existsSync(folder.request) || existsSync(folder.result) || (await adopt(tools, folder, 'head')) || (await adopt(tools, folder, 'base')))) return folder;
  throw new TerminalError('unknown_build', `The docker runner has no build "${id}".`, { hint: 'Use an id that its trigger returned, with the same engine or data folder.' });
}

/** A container without a folder was started by a worker whose folder is lost: its labels say everything. */
async function adopt(tools: DockerTools, folder: RunFolder, side: Side): Promise<boolean> {
  const text = (await inspect(tools.docker, containerName(folder.id, side)))?.Config.Labels[labels.request];
  if (text === undefined) return false;
  const request = JSON.parse(text) as DockerRequest;
  await mkdir(folder.path, { recursive: true, mode: 0o700 });
  // Its head is only begun when its base is good.
  if (side === 'head' && hasBase(request)) await writeOnce(passedFile(folder), { pausedMs: 0 } satisfies Passed);
  await writeOnce(folder.request, request);
  return true;
}

/** What is written down of a base that is good. */
export interface Passed {
  /** How long the build was stopped until then: that time is not the head's. */
  readonly pausedMs: number;
}
