import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { access, appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { processRunner, type ProcessRunner, type ProcessRunnerOptions } from '../../../src/adapters/runners/process/runner.ts';
import { stopLocalRuns } from '../../../src/adapters/runners/process/stop-local.ts';
import { TerminalError } from '../../../src/kernel/errors.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { Blobs } from '../../../src/machines/build/ports.ts';
import { isTerminal, type BuildId, type BuildRunner, type RunSample, type TriggerRequest } from '../../../src/machines/run/runner.ts';
import type { BuildOutput } from '../../../src/runtime/ports/output.ts';

export interface StoredLine {
  readonly id: string;
  readonly actor: ActorName;
  readonly line: { readonly at: number; readonly source: string; readonly text: string };
}

/** A data folder, blobs and an output store on disk, which several workers can share. */
export interface Shop {
  readonly dir: string;
  readonly dataDir: string;
  readonly blobs: Blobs;
  readonly output: BuildOutput;
  lines(): Promise<StoredLine[]>;
  /** Every write that was asked for, duplicates included. */
  writes(): number;
  runner(options?: Partial<ProcessRunnerOptions>): ProcessRunner;
  /** Stage a source with these files. */
  source(files: Readonly<Record<string, string>>): Promise<{ uri: string }>;
  close(): Promise<void>;
}

export async function openShop(): Promise<Shop> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-runner-'));
  const dataDir = join(dir, 'data');
  const blobs = folderBlobs(join(dir, 'blobs'));
  await mkdir(join(dir, 'blobs'));
  await writeFile(join(dir, 'output.jsonl'), '');
  const runners: ProcessRunner[] = [];
  let writes = 0;
  const lines = async (): Promise<StoredLine[]> =>
    (await readFile(join(dir, 'output.jsonl'), 'utf8')).split('\n').filter(Boolean).map((text) => JSON.parse(text) as StoredLine);
  const output: BuildOutput = {
    async write(actor, line, id) {
      writes++;
      if ((await lines()).some((stored) => stored.id === id)) return;
      await appendFile(join(dir, 'output.jsonl'), `${JSON.stringify({ id, actor, line })}\n`);
    },
    last: async (actor) => (await lines()).findLast((stored) => stored.actor === actor)?.id,
    async *read(actor) {
      for (const stored of await lines()) if (stored.actor === actor) yield stored.line;
    },
  };
  return {
    dir, dataDir, blobs, output, lines,
    writes: () => writes,
    runner: (options) => {
      const runner = processRunner({ dataDir, blobs, output, graceMs: 400, tailEveryMs: 20, ...options });
      runners.push(runner);
      return runner;
    },
    source: async (files) => {
      const archive = pack();
      for (const [name, text] of Object.entries(files)) archive.entry({ name, mode: 0o755 }, text);
      archive.finalize();
      return { uri: `source:${(await blobs.put(archive.pipe(createGzip()))).digest}` };
    },
    close: async () => {
      await stopLocalRuns(dataDir);
      for (const runner of runners) runner.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function folderBlobs(dir: string): Blobs {
  return {
    async put(bytes) {
      const all = await buffer(bytes);
      const digest = createHash('sha256').update(all).digest('hex');
      await writeFile(join(dir, digest), all);
      return { digest, size: all.length };
    },
    has: (digest) => access(join(dir, digest)).then(() => true, () => false),
    async get(digest) {
      const stream = createReadStream(join(dir, digest));
      await once(stream, 'open').catch(() => {
        throw new TerminalError('unknown_blob', `there is no blob ${digest}`);
      });
      return stream;
    },
  };
}

let keys = 0;

/** A request for a command in an empty workspace. */
export const request = (command: string, metadata: Record<string, string> = {}, over: Partial<TriggerRequest> = {}): TriggerRequest =>
  ({ base: [], head: [], metadata: { command, ...metadata }, idempotencyKey: `run/test-${process.pid}-${keys++}`, ...over });

/** Ask until it has ended. */
export async function untilEnded(runner: BuildRunner, id: BuildId): Promise<RunSample> {
  for (;;) {
    const sample = await runner.status(id);
    if (isTerminal(sample.status)) return sample;
    await pause(20);
  }
}

/** Start, wait, and say how it ended. */
export async function run(runner: BuildRunner, asked: TriggerRequest): Promise<RunSample & { id: BuildId }> {
  const id = await runner.trigger(asked);
  return { ...(await untilEnded(runner, id)), id };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @throws when it does not hold in time. */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  for (const until = Date.now() + withinMs; !(await holds()); await pause(20)) {
    if (Date.now() > until) throw new Error('it did not come true in time');
  }
}

/** Living processes whose environment or command line has this text. */
export async function processesWith(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const all = await Promise.all(['environ', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')));
    if (all.some((content) => content.includes(text))) found.push(Number(name));
  }
  return found;
}
