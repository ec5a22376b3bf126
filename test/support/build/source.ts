import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A small project whose build takes `seconds` and appends one line to `ran`, outside its workspace: how
 * often it really ran can be counted.
 */
export async function writeProject(folder: string, { ran, seconds = 0.3, addons = true, fails = false }: { ran: string; seconds?: number; addons?: boolean; fails?: boolean }): Promise<string> {
  await mkdir(folder, { recursive: true });
  const command = `echo compiling && sleep ${seconds} && echo once >> '${ran}' && mkdir -p out && echo built > out/app.txt && echo done${fails ? ' && exit 3' : ''}`;
  await writeFile(join(folder, 'millrace.toml'), [
    '[build]', 'stack = "make"', `command = ${JSON.stringify(command)}`, 'artifact = "out"',
    '[services.web]', 'command = "cat app.txt"', ...(addons ? ['[addons]', 'cache = "kv"', 'files = "objects"'] : []), '',
  ].join('\n'));
  await writeFile(join(folder, 'Makefile'), 'all:\n\techo nothing\n');
  return folder;
}
