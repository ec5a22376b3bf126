import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ProjectOptions {
  /** Gets one line for each time the build really ran. Outside its workspace. */
  readonly ran: string;
  readonly seconds?: number;
  /** Its command fails: at once, or after it has made its artifact. */
  readonly fails?: 'at-once' | 'at-the-end';
}

/** A small project whose build takes `seconds` and appends one line to `ran`: how often it really ran can be counted. */
export async function writeProject(folder: string, { ran, seconds = 0.3, fails }: ProjectOptions): Promise<string> {
  await mkdir(folder, { recursive: true });
  const make = `echo compiling && sleep ${seconds} && echo once >> '${ran}' && mkdir -p out && echo built > out/app.txt && echo done`;
  const command = fails === 'at-once' ? 'echo no && exit 3' : `${make}${fails === 'at-the-end' ? ' && exit 3' : ''}`;
  await writeFile(join(folder, 'millrace.toml'), [
    '[build]', 'stack = "make"', `command = ${JSON.stringify(command)}`, 'artifact = "out"',
    '[services.web]', 'command = "cat app.txt"', '[addons]', 'cache = "kv"', 'files = "objects"', '',
  ].join('\n'));
  await writeFile(join(folder, 'Makefile'), 'all:\n\techo nothing\n');
  return folder;
}
