import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { packDirectory } from '../../sources/pack.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import { writeOnce } from '../process/files.ts';
import type { RunFolder } from '../process/folder.ts';
import { materialise } from '../process/materialise.ts';
import { containerName, createOptions, inspect, removeAll, requireOwn, usualWorkdir, type ContainerFor, type DockerRequest } from './container.ts';
import { ask, must } from './engine.ts';
import { buildImage, pullMissing } from './image.ts';
import type { Plan } from './plan.ts';
import type { DockerTools } from './tools.ts';
import { sayer } from './say.ts';
import { begin } from './start.ts';

/**
 * From a request to a running container. Every step may be repeated and done by two workers at once: the
 * container is made under a name of its own and gets the build's name only when all is in it, so whoever
 * names it first has the build, and nothing half made is ever taken for it.
 */
export async function prepare(tools: DockerTools, folder: RunFolder, request: DockerRequest, plan: Plan, signal: AbortSignal): Promise<void> {
  const { docker } = tools;
  if (await isThere(tools, folder, request)) return;
  const changes = [...request.base, ...request.head];
  if (changes.length > 0) await materialise(folder, changes, tools.blobs);
  signal.throwIfAborted();
  const say = sayer(tools.output, folder, request);
  const source = sourceOf(folder, plan, changes.length > 0);
  if (source.kind === 'image') await pullMissing(docker, source.image, tools.auth, say, signal);
  const image = source.kind === 'image' ? source.image : await buildImage(docker, folder.id, folder.work, source.dockerfile, plan, say, signal);
  // In an image that was made of the source, the source is where its Dockerfile put it.
  const workdir = plan.workdir ?? (source.kind === 'image' ? usualWorkdir : undefined);
  const fill = source.kind === 'image' && changes.length > 0;
  const buildOnly = source.kind === 'dockerfile' && plan.command === undefined;
  signal.throwIfAborted();
  const about: ContainerFor = { id: folder.id, request, plan, image, workdir, buildOnly, maxOutputBytes: tools.maxOutputBytes };
  if (!(await make(tools, folder, about, fill ? (workdir ?? usualWorkdir) : undefined, signal))) return;
  // Settled meanwhile, cancelled perhaps: nothing may be left of it.
  if (existsSync(folder.result)) return removeAll(docker, folder.id, request);
  await writeOnce(folder.started, { at: Date.now() });
  if (!buildOnly) await begin(tools, folder);
}

async function isThere({ docker }: DockerTools, folder: RunFolder, request: DockerRequest): Promise<boolean> {
  const seen = await inspect(docker, folder.id);
  if (seen !== undefined) requireOwn(folder.id, seen, request);
  return seen !== undefined || existsSync(folder.result);
}

type Source = { readonly kind: 'image'; readonly image: string } | { readonly kind: 'dockerfile'; readonly dockerfile: string };

function sourceOf(folder: RunFolder, { image, fallback, dockerfile }: Plan, hasSource: boolean): Source {
  if (image !== undefined) return { kind: 'image', image };
  const name = dockerfile ?? 'Dockerfile';
  if (hasSource && existsSync(`${folder.work}/${name}`)) return { kind: 'dockerfile', dockerfile: name };
  if (fallback !== undefined) return { kind: 'image', image: fallback };
  throw new TerminalError('no_image', `No image is named, and the source has no "${name}".`, { hint: 'Put an image into the metadata key "image", or a Dockerfile into the source.' });
}

/** False when another worker was first. */
async function make({ docker }: DockerTools, folder: RunFolder, about: ContainerFor, fillAt: string | undefined, signal: AbortSignal): Promise<boolean> {
  const made = must('create a container', await ask('create a container', () => docker.createContainer(createOptions(about, `${containerName(about.id)}-${randomUUID().slice(0, 8)}`))));
  try {
    if (fillAt !== undefined) {
      const filled = await ask('copy the source', () => made.putArchive(packDirectory(folder.work, { whole: true }), { path: fillAt, abortSignal: signal }), about.plan.limits.timeoutMs);
      must('copy the source', filled);
    }
    signal.throwIfAborted();
    const named = await ask('name a container', () => made.rename({ name: containerName(about.id) }));
    if (named.ok) return true;
    await ask('remove a container', () => made.remove({ force: true, v: true }));
    if (named.status === 409) return false;
    must('name a container', named);
  } catch (error) {
    await ask('remove a container', () => made.remove({ force: true, v: true })).catch(() => undefined);
    throw error;
  }
  return true;
}
