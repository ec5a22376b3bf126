import { dirname } from 'node:path';
import type { ContainerCreateOptions, ContainerInspectInfo, HostConfig } from 'dockerode';
import type Docker from 'dockerode';
import { TerminalError } from '../../../kernel/errors.ts';
import type { BuildId } from '../../../machines/run/runner.ts';
import { fingerprint } from '../process/fingerprint.ts';
import { readJson } from '../process/files.ts';
import type { RunFolder, StoredRequest } from '../process/folder.ts';
import { buildMarker } from '../process/system.ts';
import { ask, must } from './engine.ts';
import { currentPlace, imageTag, sides, type Place } from './place.ts';
import type { ContainerLimits, Plan } from './plan.ts';

/** On everything a build makes at the engine. `request` is enough to take the build up without its folder. */
export const labels = { build: 'millrace.build', side: 'millrace.side', key: 'millrace.key', request: 'millrace.request', fingerprint: 'millrace.fingerprint', timeoutMs: 'millrace.timeout-ms', buildOnly: 'millrace.build-only' } as const;

/** Where a source is put in an image that is not made of it. */
export const usualWorkdir = '/work';

/** What is remembered of a request, in the build's folder and on its container. */
export interface DockerRequest extends StoredRequest {
  /** The idempotency key. */
  readonly key: string;
}

export interface ContainerFor {
  readonly place: Place;
  readonly request: DockerRequest;
  readonly plan: Plan;
  readonly image: string;
  /** Undefined: the image's own. */
  readonly workdir: string | undefined;
  /** Nothing to run: that the image can be built is what is asked. */
  readonly buildOnly: boolean;
  readonly maxOutputBytes: number;
  /** Secret: for the build's environment alone. */
  readonly jobEnvironment: Readonly<Record<string, string>>;
}

export function createOptions({ place: { id, side }, request, plan, image, workdir, buildOnly, maxOutputBytes, jobEnvironment }: ContainerFor, name: string): ContainerCreateOptions {
  const { limits, command } = plan;
  return {
    name, Image: image, Tty: false, OpenStdin: false,
    ...(command === undefined ? {} : { Entrypoint: ['/bin/sh', '-c'], Cmd: [command] }),
    // Never started, but the engine wants a command, which an image need not have.
    ...(buildOnly ? { Cmd: ['true'] } : {}),
    ...(workdir === undefined ? {} : { WorkingDir: workdir }),
    ...(plan.user === undefined ? {} : { User: plan.user }),
    Env: Object.entries({ ...plan.env, ...jobEnvironment, [buildMarker]: id }).map(([variable, value]) => `${variable}=${value}`),
    Labels: {
      [labels.build]: id, [labels.side]: side, [labels.key]: request.key, [labels.request]: JSON.stringify(request),
      [labels.fingerprint]: fingerprint(request), [labels.timeoutMs]: String(limits.timeoutMs), [labels.buildOnly]: String(buildOnly),
    },
    HostConfig: {
      // A first process that passes signals on and waits for orphans: most build tools do neither.
      Init: true,
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': String(Math.max(maxOutputBytes, 65_536)), 'max-file': '2' } },
      ...limited(limits),
      ...(plan.network === undefined ? {} : { NetworkMode: plan.network }),
      ...withSocket(jobEnvironment),
    },
  };
}

/** A job's socket is where its environment says, in the container too: its folder, so that a worker that takes it over is seen. */
const withSocket = ({ MILLRACE_JOB_SOCKET: socket }: Readonly<Record<string, string>>): HostConfig =>
  (socket === undefined ? {} : { Binds: [`${dirname(socket)}:${dirname(socket)}`] });

/** In the engine's words. Memory has no swap besides. */
const limited = ({ cpus, memoryBytes, pids, diskBytes }: ContainerLimits): HostConfig => ({
  ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
  ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
  ...(pids === undefined ? {} : { PidsLimit: pids }),
  ...(diskBytes === undefined ? {} : { StorageOpt: { size: String(diskBytes) } }),
});

/** The container of this name, or undefined when there is none. @throws as `ask`. */
export async function inspect(docker: Docker, name: string): Promise<ContainerInspectInfo | undefined> {
  const answer = await ask('look at a container', () => docker.getContainer(name).inspect());
  return !answer.ok && answer.status === 404 ? undefined : must('look at a container', answer);
}

/** A container of a build, and which of its containers it is. */
export interface Own {
  readonly place: Place;
  readonly seen: ContainerInspectInfo;
}

/** The container the build in this folder is in now. @throws as `inspect` and `requireOwn`. */
export async function ownContainer(docker: Docker, folder: RunFolder): Promise<Own | undefined> {
  const request = await readJson<DockerRequest>(folder.request);
  if (request === undefined) return undefined;
  const place = currentPlace(folder, request);
  const seen = await inspect(docker, place.container);
  if (seen !== undefined) requireOwn(place, seen, request);
  return seen === undefined ? undefined : { place, seen };
}

/** The build has ended with it. A base that is good is not the end. */
export const hasEnded = ({ place: { side }, seen: { State: { Status, ExitCode } } }: Own): boolean =>
  Status === 'dead' || (Status === 'exited' && (side === 'head' || ExitCode !== 0));

/** @throws TerminalError `key_reused`: it is another request's, of another worker perhaps, and not to be touched. */
export function requireOwn({ container }: Place, seen: ContainerInspectInfo, request: StoredRequest): void {
  if (seen.Config.Labels[labels.fingerprint] === fingerprint(request)) return;
  throw new TerminalError('key_reused', `The engine has a container ${container} of another request under the same key.`, { hint: 'Use a new id for a new build, or remove that container.' });
}

/** Everything this build made at the engine. Harmless when it is gone. */
export async function removeAll(docker: Docker, id: BuildId, request: StoredRequest): Promise<void> {
  const filters = JSON.stringify({ label: [`${labels.build}=${id}`, `${labels.fingerprint}=${fingerprint(request)}`] });
  const found = must('list containers', await ask('list containers', () => docker.listContainers({ all: true, filters })));
  for (const { Id } of found) await ask('remove a container', () => docker.getContainer(Id).remove({ force: true, v: true }));
  for (const side of sides) await ask('remove an image', () => docker.getImage(imageTag(id, side)).remove({ force: true }));
}
