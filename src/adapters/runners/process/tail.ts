import { open, readFile, type FileHandle } from 'node:fs/promises';
import type { ActorName } from '../../../kernel/record.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import { errno } from '../../sources/remove-tree.ts';
import { passOver } from './backlog.ts';
import { replaceFile } from './files.ts';
import type { RunFolder } from './folder.ts';
import { linesFrom } from './lines.ts';

/** Carries a build's output from its log file to whoever reads it, one line after the other. */
export interface Tail {
  /** Publish every complete line there is now. @throws what `BuildOutput` throws; the next call goes on there. */
  pump(): Promise<void>;
  stop(): void;
}

/** After so many it is looked again how far behind it is. */
const stretch = 5000;

/**
 * Line ids are `<build>:<offset in the log>`, so a line is the same line to every worker. When more than
 * `maxWaitingLines` wait, a line says how many of the oldest are left out: a build must not be held up by its output.
 */
export function tailOutput(folder: RunFolder, actor: ActorName, output: BuildOutput, everyMs: number, maxWaitingLines: number): Tail {
  let offset: number | undefined;
  let queue: Promise<void> = Promise.resolve();

  const publish = async (): Promise<void> => {
    const file = await openLog(folder.log);
    if (file === undefined) return;
    try {
      offset ??= await resumeAt(folder, file, await output.last(actor));
      const from = offset;
      let carried: number;
      do {
        offset = await catchUp(file, offset);
        carried = 0;
        for await (const line of linesFrom(file, offset)) {
          await output.write(actor, line.content, `${folder.id}:${line.offset}`);
          offset = line.next;
          if (++carried === stretch) break;
        }
      } while (carried === stretch);
      if (offset > from) await replaceFile(folder.published, String(offset));
    } finally {
      await file.close();
    }
  };

  const catchUp = async (file: FileHandle, at: number): Promise<number> => {
    const passed = await passOver(file, at, maxWaitingLines);
    if (passed === undefined) return at;
    const text = `${passed.lines} lines left out: the build printed faster than they could be stored`;
    await output.write(actor, { at: Date.now(), source: 'millrace', text }, `${folder.id}:${passed.last}`);
    return passed.next;
  };

  const pump = (): Promise<void> => {
    const done = queue.then(publish);
    queue = done.catch(() => undefined);
    return done;
  };
  // A broker that is away is met again at the next turn; the end of the build insists.
  const timer = setInterval(() => void pump().catch(() => undefined), everyMs);
  timer.unref();
  return { pump, stop: () => clearInterval(timer) };
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Behind the last line known to be published: by our own note, or by what is stored, whichever is further. */
async function resumeAt(folder: RunFolder, file: FileHandle, last: string | undefined): Promise<number> {
  const noted = Number(await readFile(folder.published, 'utf8').catch(() => '0'));
  if (last === undefined || !last.startsWith(`${folder.id}:`)) return noted;
  const stored = Number(last.slice(folder.id.length + 1));
  if (stored < noted) return noted;
  for await (const line of linesFrom(file, stored)) return line.next;
  return noted;
}
