import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type Docker from 'dockerode';
import { packDirectory } from '../../sources/pack.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import { writeOnce } from '../process/files.ts';
import { materialise } from '../process/materialise.ts';
import { createOptions, inspect, removeAll, requireOwn, usualWorkdir, type ContainerFor, type DockerRequest } from './container.ts';
import { noDiskLimit } from './disk.ts';
import { ask, must, type Answer } from './engine.ts';
import { buildImage, pullMissing } from './image.ts';
import type { Place } from './place.ts';
import type { Plan } from './plan.ts';
import type { DockerTools } from './tools.ts';
import { sayer } from './say.ts';
import { begin } from './start.ts';

/**
 * From a request to a running container. Every step may be repeated and done by two workers at once: the
 * container is made under a name of its own and gets the build's name only when all is in it, so whoever
 * names it first has the build, and nothing half made is ever taken for it.
 */
export async function prepare(tools: DockerTools, place: Place, request: DockerRequest, plan: Plan, signal: AbortSignal): Promise<void> {
  const { docker } = tools;
  if (await isThere(tools, place, request)) return;
  const hasSource = place.changes.length > 0;
  if (hasSource) await materialise(place, place.changes, tools.blobs);
  signal.throwIfAborted();
  const say = sayer(tools.output, place, request);
  const source = sourceOf(place, plan, hasSource);
  if (source.kind === 'image') await pullMissing(docker, source.image, tools.auth, say, signal);
  const image = source.kind === 'image' ? source.image : await buildImage(docker, place, source.dockerfile, plan, say, signal);
  // In an image that was made of the source, the source is where its Dockerfile put it.
  const workdir = plan.workdir ?? (source.kind === 'image' ? usualWorkdir : undefined);
  const fill = source.kind === 'image' && hasSource;
  const buildOnly = source.kind === 'dockerfile' && plan.command === undefined;
  const jobEnvironment = buildOnly ? {} : await tools.job.of(request.key);
  signal.throwIfAborted();
  const about: ContainerFor = { place, request, plan, image, workdir, buildOnly, maxOutputBytes: tools.maxOutputBytes, jobEnvironment };
  if (!(await make(tools, about, fill ? (workdir ?? usualWorkdir) : undefined, signal))) return;
  // Settled meanwhile, cancelled perhaps: nothing may be left of it.
  if (existsSync(place.result)) return removeAll(docker, place.id, request);
  await writeOnce(place.started, { at: Date.now() });
  if (!buildOnly) await begin(tools, place);
}

async function isThere({ docker }: DockerTools, place: Place, request: DockerRequest): Promise<boolean> {
  const seen = await inspect(docker, place.container);
  if (seen !== undefined) requireOwn(place, seen, request);
  return seen !== undefined || existsSync(place.result);
}

type Source = { readonly kind: 'image'; readonly image: string } | { readonly kind: 'dockerfile'; readonly dockerfile: string };

function sourceOf({ work }: Place, { image, fallback, dockerfile }: Plan, hasSource: boolean): Source {
  if (image !== undefined) return { kind: 'image', image };
  const name = dockerfile ?? 'Dockerfile';
  if (hasSource && existsSync(`${work}/${name}`)) return { kind: 'dockerfile', dockerfile: name };
  if (fallback !== undefined) return { kind: 'image', image: fallback };
  throw new TerminalError('no_image', `No image is named, and the source has no "${name}".`, { hint: 'Put an image into the metadata key "image", or a Dockerfile into the source.' });
}

/** False when another worker was first. */
async function make({ docker }: DockerTools, about: ContainerFor, fillAt: string | undefined, signal: AbortSignal): Promise<boolean> {
  const { place: { container, work }, plan } = about;
  const made = must('create a container', await create(docker, about));
  try {
    if (fillAt !== undefined) {
      const filled = await ask('copy the source', () => made.putArchive(packDirectory(work, { whole: true }), { path: fillAt, abortSignal: signal }), plan.limits.timeoutMs);
      must('copy the source', filled);
    }
    signal.throwIfAborted();
    const named = await ask('name a container', () => made.rename({ name: container }));
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

/** Where the engine cannot limit what a container writes, it is measured instead. */
async function create(docker: Docker, about: ContainerFor): Promise<Answer<Docker.Container>> {
  const options = createOptions(about, `${about.place.container}-${randomUUID().slice(0, 8)}`);
  const made = await ask('create a container', () => docker.createContainer(options));
  if (made.ok || about.plan.limits.diskBytes === undefined || !noDiskLimit(made.message)) return made;
  const { StorageOpt: _, ...others } = options.HostConfig ?? {};
  return ask('create a container', () => docker.createContainer({ ...options, HostConfig: others }));
}
