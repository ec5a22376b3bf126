import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { TerminalError } from '../../../kernel/errors.ts';
import type { ActorName } from '../../../kernel/record.ts';
import type { Blobs } from '../../../machines/build/ports.ts';
import type { BuildId, BuildRunner, RunSample } from '../../../machines/run/runner.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import type { JobEnvironment } from '../job-environment.ts';
import { knownBases } from './bases.ts';
import { begin, type Means } from './begin.ts';
import { readJson, writeOnce } from './files.ts';
import { requireSameRequest } from './fingerprint.ts';
import { buildIdOf, isBuildId, runFolder, runsFolder, type RunFolder, type StoredRequest } from './folder.ts';
import { observe } from './observe.ts';
import type { Allowed } from './order.ts';
import { clearUp, settle, storedResult } from './settle.ts';
import { tailOutput, type Tail } from './tail.ts';

/** `limits`: what a build may use at most, and uses when it does not ask for less. Default: one hour, nothing else. */
export interface ProcessRunnerOptions extends Partial<Allowed> {
  /** Builds live in `<dataDir>/runs`. */
  readonly dataDir: string;
  readonly blobs: Blobs;
  readonly output: BuildOutput;
  /** How often output is carried on while a build runs, ms. Default 200. */
  readonly tailEveryMs?: number;
  /** Lines that may wait to be stored; when a build prints faster, the oldest of them are left out. Default 20,000. */
  readonly maxWaitingLines?: number;
  /** How many bases that are good are remembered, in `<dataDir>/bases`. Default 1000; 0 builds every base again. */
  readonly maxKnownBases?: number;
  /** Of every job, besides what its request says. Asked for when a build begins; its values are in no file, and hidden in the output. */
  readonly jobEnvironment?: JobEnvironment;
}

export interface ProcessRunner extends BuildRunner {
  /** Stop carrying output. Builds go on; the next worker takes them up where this one left off. */
  close(): void;
}

/**
 * Runs a shell command in a workspace of its own, as a process group under a supervisor that outlives
 * the worker. Changes are `source:<sha256>`. With a base and a head the base alone is built first, unless it
 * is known to be good. Metadata it understands: `command` (required), `artifact` (path in the workspace to
 * collect), `env.NAME`, `timeoutMs` (default 1 h), `cpuSeconds`, `memoryBytes`, `diskBytes`, `pids`,
 * `outputActor` (whose build output gets the lines). A result has `exitCode`, `durationMs`, `pausedMs`,
 * `cpuMs`, `memoryPeakBytes`, `artifact` (sha256), `artifactPath`, `baseVerdict` (`passed` or `cached`),
 * `reason` (code), `detail` (sentence), `failedSide`, and `infrastructure: 'true'` when the build is not to
 * blame. The environment is an allow-list; a build still runs as the worker's user, and is not a sandbox.
 */
export function processRunner({ dataDir, blobs, output, tailEveryMs = 200, graceMs = 5000, maxOutputBytes = 64 * 1024 * 1024, maxWaitingLines = 20_000, limits = {}, maxKnownBases = 1000, jobEnvironment }: ProcessRunnerOptions): ProcessRunner {
  const means: Means = { dataDir, blobs, bases: knownBases(dataDir, maxKnownBases), allowed: { graceMs, maxOutputBytes, limits }, jobEnvironment };
  const tails = new Map<BuildId, Tail>();
  /** One of a kind at a time per build: a second caller shares the first one's answer. */
  const begins = new Map<BuildId, Promise<void>>();
  const looks = new Map<BuildId, Promise<RunSample>>();

  const tailOf = (folder: RunFolder, request: StoredRequest): Tail | undefined => {
    const actor = request.metadata.outputActor;
    if (actor === undefined || tails.has(folder.id)) return tails.get(folder.id);
    const tail = tailOutput(folder, actor as ActorName, output, tailEveryMs, maxWaitingLines);
    tails.set(folder.id, tail);
    return tail;
  };

  const end = async (folder: RunFolder, result: RunSample): Promise<RunSample> => {
    tails.get(folder.id)?.stop();
    tails.delete(folder.id);
    // Housekeeping: the result stands, whether or not the folder could be emptied.
    if (existsSync(folder.request)) await clearUp(folder).catch(() => undefined);
    return result;
  };

  const look = async (id: BuildId): Promise<RunSample> => {
    const folder = known(dataDir, id);
    const stored = await storedResult(folder);
    if (stored !== undefined) return end(folder, stored);
    const request = await readJson<StoredRequest>(folder.request);
    if (request === undefined) return end(folder, (await storedResult(folder)) ?? damaged(id));
    const tail = tailOf(folder, request);
    const sight = await observe(folder);
    if (sight.state !== 'ended') return { status: sight.state, metadata: request.metadata };
    await tail?.pump();
    tail?.stop();
    return end(folder, await settle(folder, request, sight.exit, blobs));
  };

  return {
    name: 'process',
    trigger: async (request) => {
      const folder = runFolder(dataDir, buildIdOf(request.idempotencyKey));
      await mkdir(runsFolder(dataDir), { recursive: true, mode: 0o700 });
      await shared(begins, folder.id, () => begin(means, folder, request));
      await requireSameRequest(folder, request);
      const stored = await readJson<StoredRequest>(folder.request);
      if (stored !== undefined) tailOf(folder, stored);
      return folder.id;
    },
    status: (id) => shared(looks, id, () => look(id)),
    cancel: async (id) => {
      const folder = known(dataDir, id);
      if (!existsSync(folder.result)) await writeOnce(folder.cancel, 'cancelled');
    },
    close: () => {
      for (const tail of tails.values()) tail.stop();
      tails.clear();
    },
  };
}

/** @throws TerminalError `unknown_build`. */
function known(dataDir: string, id: BuildId): RunFolder {
  const folder = runFolder(dataDir, id);
  if (isBuildId(id) && existsSync(folder.path)) return folder;
  throw new TerminalError('unknown_build', `the process runner has no build "${id}"`, { hint: 'builds live in the data folder of the worker that started them; name that folder' });
}

function damaged(id: BuildId): never {
  throw new TerminalError('unknown_build', `the folder of build "${id}" was emptied by somebody else`, { hint: 'leave the data folder to Millrace' });
}

async function shared<T>(running: Map<BuildId, Promise<T>>, id: BuildId, work: () => Promise<T>): Promise<T> {
  const there = running.get(id);
  if (there !== undefined) return there;
  const mine = work().finally(() => running.delete(id));
  running.set(id, mine);
  return mine;
}
