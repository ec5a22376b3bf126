import { TerminalError } from '../../../kernel/errors.ts';
import type { BuildId, RunSample } from '../../../machines/run/runner.ts';
import { readJson, writeOnce } from '../process/files.ts';
import type { RunFolder } from '../process/folder.ts';
import { storedResult } from '../process/settle.ts';
import { inspect, requireOwn, type DockerRequest } from './container.ts';
import { known, type Passed } from './known.ts';
import { currentPlace, hasBase, passedFile, type Place } from './place.ts';
import { planOf, type Plan } from './plan.ts';
import { sayPassed } from './say.ts';
import { settle, tidy } from './settle.ts';
import { absent, present, type Hands, type Sight } from './sight.ts';
import type { DockerTools } from './tools.ts';

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
    const sight = await see(tools, hands, folder, request, planOf(request.metadata, tools.defaults));
    if (typeof sight === 'string') return { status: sight, metadata: request.metadata };
    const result = await settle(tools, folder, request, sight);
    hands.forget(id);
    return result;
  } catch (error) {
    // Another worker may have settled it in the middle, and taken everything away.
    const theirs = await storedResult(folder);
    if (theirs !== undefined) return theirs;
    throw error;
  }
}

/** At the base until it is good, then at the head. A build whose base ran has begun, whatever its head waits for. */
async function see(tools: DockerTools, hands: Hands, folder: RunFolder, request: DockerRequest, plan: Plan): Promise<Sight> {
  const place = currentPlace(folder, request);
  const sight = await seeAt(tools, hands, place, request, plan);
  if (place.side === 'head') return sight === 'accepted' && hasBase(request) ? 'running' : sight;
  if (typeof sight === 'string' || sight.status !== 'succeeded') return sight;
  await sayPassed(tools.output, folder, request);
  const { pausedMs } = await tools.pauses.read(folder.id);
  await writeOnce(passedFile(folder), { pausedMs } satisfies Passed);
  hands.forget(folder.id);
  return see(tools, hands, folder, request, plan);
}

async function seeAt(tools: DockerTools, hands: Hands, place: Place, request: DockerRequest, plan: Plan): Promise<Sight> {
  const seen = await inspect(tools.docker, place.container);
  if (seen !== undefined) requireOwn(place, seen, request);
  return seen === undefined ? absent(tools, hands, place, request, plan) : present(tools, hands, place, request, plan, seen);
}

async function lastWord(folder: RunFolder): Promise<RunSample> {
  const result = await storedResult(folder);
  if (result !== undefined) return result;
  throw new TerminalError('unknown_build', `The folder of build "${folder.id}" was emptied by somebody else.`, { hint: 'Leave the data folder to Millrace.' });
}
