import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { AuthConfig } from 'dockerode';
import { TerminalError } from '../../../kernel/errors.ts';
import type { ActorName } from '../../../kernel/record.ts';
import type { Blobs } from '../../../machines/build/ports.ts';
import type { PausableRunner } from '../../../machines/run/pausable.ts';
import type { BuildId, RunSample } from '../../../machines/run/runner.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import type { JobEnvironment } from '../job-environment.ts';
import { pauseRecords } from '../pause/records.ts';
import { writeOnce } from '../process/files.ts';
import { requireSameRequest } from '../process/fingerprint.ts';
import { buildIdOf, isBuildId, runFolder, runsFolder } from '../process/folder.ts';
import { digestOf } from '../process/materialise.ts';
import { defaultTimeoutMs } from '../process/order.ts';
import { carrier, type Carrier } from './carry.ts';
import { hasEnded, ownContainer } from './container.ts';
import { diskMeter } from './disk.ts';
import { ask, must } from './engine.ts';
import { jobVariables } from './job.ts';
import { known } from './known.ts';
import { look } from './look.ts';
import { pausing } from './pausing.ts';
import { containerName, currentPlace, sides } from './place.ts';
import { planOf, type ContainerLimits } from './plan.ts';
import { preparations } from './preparations.ts';
import type { Hands } from './sight.ts';
import { stopping } from './stopping.ts';
import type { DockerTools } from './tools.ts';
import { wishEnd } from './wish.ts';

export interface DockerRunnerOptions {
  /** Default: the engine that DOCKER_HOST names, else the usual socket. */
  readonly docker?: Docker;
  /** Builds are remembered in `<dataDir>/docker/runs`. */
  readonly dataDir: string;
  readonly blobs: Blobs;
  readonly output: BuildOutput;
  /** The image of builds that name none and have no Dockerfile. */
  readonly image?: string;
  /** Images by the metadata key `stack`, as builds of an app have it: `{ node: 'node:20' }`. */
  readonly images?: Readonly<Record<string, string>>;
  /** For images that have to be pulled. */
  readonly auth?: AuthConfig;
  /** What a build may use at most, and uses when it does not ask for less. Default: one hour, nothing else. */
  readonly limits?: Partial<ContainerLimits>;
  /** The network of the containers: an engine's network, or `none`. Default: the engine's default. */
  readonly network?: string;
  /** Between the stop signal and SIGKILL, in whole seconds at the engine. Default 5000. */
  readonly graceMs?: number;
  /** More output than this is dropped, and the cut is marked. Default 64 MiB. */
  readonly maxOutputBytes?: number;
  /** How often builds that nobody asks about are looked at, so that their limits hold. Default 15,000. */
  readonly sweepEveryMs?: number;
  /** How long a container may stand ready before another worker starts it. Default 10,000. */
  readonly startGraceMs?: number;
  /** How often a container with a limit for its disk is measured at most. Default 5000. */
  readonly measureEveryMs?: number;
  /** What the command gets in its environment besides, by the run's actor; an image that is built gets nothing of it. */
  readonly jobEnvironment?: JobEnvironment;
}

export interface DockerRunner extends PausableRunner {
  /** Stop carrying output and preparing images. Containers go on; the next worker takes them up. */
  close(): void;
}

/** Read only where there is such a runner: it takes a third of a worker's whole start. */
const engine = (): Docker => new (createRequire(import.meta.url)('dockerode') as typeof Docker)();

/**
 * Builds in containers, through the Engine API (1.41 or later). Changes are `source:<sha256>`. A base is
 * built alone first, in a container of its own, with the same command and the same limits: a build whose
 * base is not good has failed with `failedSide: 'base'`, and its head is not run. Metadata it understands: `image`, or `dockerfile` (built from the source; also when the source has a `Dockerfile` and
 * no image is named), `command` (by `/bin/sh -c`), `workdir`, `user`, `env.NAME`, `cpus`, `memoryBytes`, `pids`,
 * `diskBytes`, `timeoutMs`, `network` (`none`), `artifact` (path from the working directory), `outputActor`. A source goes
 * to `/work`; with a Dockerfile and no command, that the image can be built is the build. A result has
 * `exitCode`, `durationMs`, `artifact` (sha256), `artifactPath`, `reason`, `detail`, `failedSide`, and
 * `infrastructure: 'true'` when the build is not to blame.
 */
export function dockerRunner(options: DockerRunnerOptions): DockerRunner {
  const { docker = engine(), blobs, output, image, images = {}, auth, limits = {}, network, graceMs = 5000, maxOutputBytes = 64 * 1024 * 1024, sweepEveryMs = 15_000, startGraceMs = 10_000, measureEveryMs = 5000, jobEnvironment } = options;
  const dataDir = join(options.dataDir, 'docker');
  const defaults = { image, images, network, limits: { timeoutMs: defaultTimeoutMs, ...limits } };
  const tools: DockerTools = { docker, dataDir, blobs, output, auth, defaults, graceMs, maxOutputBytes, startGraceMs, pauses: pauseRecords(dataDir), job: jobVariables(jobEnvironment), disk: diskMeter(docker, measureEveryMs) };
  const carriers = new Map<string, Carrier>();
  const looks = new Map<BuildId, Promise<RunSample>>();

  const hands: Hands = {
    preparations: preparations(tools),
    stopping: stopping(docker, graceMs),
    carrierOf(place, request) {
      const actor = request.metadata.outputActor;
      if (actor === undefined) return undefined;
      const mine = carriers.get(place.container) ?? carrier(tools, place, actor as ActorName, (text) => tools.job.hide(request.key, text));
      carriers.set(place.container, mine);
      return mine;
    },
    forget(id) {
      for (const name of sides.map((side) => containerName(id, side))) {
        carriers.get(name)?.close();
        carriers.delete(name);
        tools.disk.forget(name);
      }
    },
  };
  /** One look at a time per build: a second caller shares the first one's answer. */
  const status = (id: BuildId): Promise<RunSample> => {
    const running = looks.get(id) ?? look(tools, hands, id).finally(() => looks.delete(id));
    looks.set(id, running);
    return running;
  };

  const sweep = async (): Promise<void> => {
    const names = await readdir(runsFolder(dataDir)).catch(() => []);
    for (const id of names.filter(isBuildId) as BuildId[]) {
      if (existsSync(runFolder(dataDir, id).request)) await status(id).catch(() => undefined);
    }
  };
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => { sweeping ??= sweep().finally(() => { sweeping = undefined; }); }, sweepEveryMs);
  timer.unref();

  return {
    name: 'docker',
    async trigger({ base, head, metadata, idempotencyKey }) {
      const folder = runFolder(dataDir, buildIdOf(idempotencyKey));
      const plan = planOf(metadata, defaults);
      if (plan.image === undefined && plan.fallback === undefined && base.length + head.length === 0) {
        throw new TerminalError('nothing_to_run', 'the docker runner was given neither an image nor a source', { hint: 'put an image into the metadata key "image", or name a source with a Dockerfile' });
      }
      for (const change of [...base, ...head]) digestOf(change);
      must('answer', await ask('answer', () => docker.ping()));
      await mkdir(folder.path, { recursive: true, mode: 0o700 });
      const request = { base, head, metadata, key: idempotencyKey };
      if (!existsSync(folder.result)) await writeOnce(folder.request, request);
      await requireSameRequest(folder, request);
      if (!existsSync(folder.result)) hands.preparations.go(currentPlace(folder, request), request, plan);
      return folder.id;
    },
    status,
    async cancel(id) {
      const folder = await known(tools, id);
      if (existsSync(folder.result)) return;
      const own = await ownContainer(docker, folder);
      if (own !== undefined && hasEnded(own)) return;
      await wishEnd(folder, 'cancelled');
      if (own?.seen.State.Running === true) hands.stopping.end(own.place.container);
    },
    ...pausing(tools),
    close() {
      clearInterval(timer);
      hands.preparations.close();
      for (const each of carriers.values()) each.close();
      carriers.clear();
    },
  };
}
