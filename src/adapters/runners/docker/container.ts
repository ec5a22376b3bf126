import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode';
import type Docker from 'dockerode';
import { TerminalError } from '../../../kernel/errors.ts';
import type { BuildId } from '../../../machines/run/runner.ts';
import { fingerprint } from '../process/fingerprint.ts';
import { readJson } from '../process/files.ts';
import type { RunFolder, StoredRequest } from '../process/folder.ts';
import { buildMarker } from '../process/system.ts';
import { ask, must } from './engine.ts';
import type { Plan } from './plan.ts';

/** On everything a build makes at the engine. `request` is enough to take the build up without its folder. */
export const labels = { build: 'millrace.build', key: 'millrace.key', request: 'millrace.request', fingerprint: 'millrace.fingerprint', timeoutMs: 'millrace.timeout-ms', buildOnly: 'millrace.build-only' } as const;

/** The one container of a build. It has this name once everything is in it, and not before. */
export const containerName = (id: BuildId): string => `millrace-${id}`;
export const imageTag = (id: BuildId): string => `millrace-build:${id}`;

/** Where a source is put in an image that is not made of it. */
export const usualWorkdir = '/work';

/** What is remembered of a request, in the build's folder and on its container. */
export interface DockerRequest extends StoredRequest {
  /** The idempotency key. */
  readonly key: string;
}

export interface ContainerFor {
  readonly id: BuildId;
  readonly request: DockerRequest;
  readonly plan: Plan;
  readonly image: string;
  /** Undefined: the image's own. */
  readonly workdir: string | undefined;
  /** Nothing to run: that the image can be built is what is asked. */
  readonly buildOnly: boolean;
  readonly maxOutputBytes: number;
}

export function createOptions({ id, request, plan, image, workdir, buildOnly, maxOutputBytes }: ContainerFor, name: string): ContainerCreateOptions {
  const { limits, command } = plan;
  return {
    name, Image: image, Tty: false, OpenStdin: false,
    ...(command === undefined ? {} : { Entrypoint: ['/bin/sh', '-c'], Cmd: [command] }),
    // Never started, but the engine wants a command, which an image need not have.
    ...(buildOnly ? { Cmd: ['true'] } : {}),
    ...(workdir === undefined ? {} : { WorkingDir: workdir }),
    ...(plan.user === undefined ? {} : { User: plan.user }),
    Env: Object.entries({ ...plan.env, [buildMarker]: id }).map(([variable, value]) => `${variable}=${value}`),
    Labels: {
      [labels.build]: id, [labels.key]: request.key, [labels.request]: JSON.stringify(request),
      [labels.fingerprint]: fingerprint(request), [labels.timeoutMs]: String(limits.timeoutMs), [labels.buildOnly]: String(buildOnly),
    },
    HostConfig: {
      // A first process that passes signals on and waits for orphans: most build tools do neither.
      Init: true,
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': String(Math.max(maxOutputBytes, 65_536)), 'max-file': '2' } },
      ...(limits.cpus === undefined ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
      ...(limits.memoryBytes === undefined ? {} : { Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes }),
      ...(limits.pids === undefined ? {} : { PidsLimit: limits.pids }),
      ...(plan.network === undefined ? {} : { NetworkMode: plan.network }),
    },
  };
}

/** The build's container, or undefined when there is none. @throws as `ask`. */
export async function inspect(docker: Docker, id: BuildId): Promise<ContainerInspectInfo | undefined> {
  const answer = await ask('look at a container', () => docker.getContainer(containerName(id)).inspect());
  return !answer.ok && answer.status === 404 ? undefined : must('look at a container', answer);
}

/** The container of the build in this folder. @throws as `inspect` and `requireOwn`. */
export async function ownContainer(docker: Docker, folder: RunFolder): Promise<ContainerInspectInfo | undefined> {
  const seen = await inspect(docker, folder.id);
  const request = seen === undefined ? undefined : await readJson<DockerRequest>(folder.request);
  if (seen !== undefined && request !== undefined) requireOwn(folder.id, seen, request);
  return seen;
}

/** @throws TerminalError `key_reused`: it is another request's, of another worker perhaps, and not to be touched. */
export function requireOwn(id: BuildId, seen: ContainerInspectInfo, request: StoredRequest): void {
  if (seen.Config.Labels[labels.fingerprint] === fingerprint(request)) return;
  throw new TerminalError('key_reused', `The engine has a container ${containerName(id)} of another request under the same key.`, { hint: 'Use a new id for a new build, or remove that container.' });
}

/** Everything this build made at the engine. Harmless when it is gone. */
export async function removeAll(docker: Docker, id: BuildId, request: StoredRequest): Promise<void> {
  const filters = JSON.stringify({ label: [`${labels.build}=${id}`, `${labels.fingerprint}=${fingerprint(request)}`] });
  const found = must('list containers', await ask('list containers', () => docker.listContainers({ all: true, filters })));
  for (const { Id } of found) await ask('remove a container', () => docker.getContainer(Id).remove({ force: true, v: true }));
  await ask('remove an image', () => docker.getImage(imageTag(id)).remove({ force: true }));
}
