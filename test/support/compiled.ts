import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * The file `dist/<path>` of the current sources, compiled when they have changed: what a test gives
 * a real child process to run. `path` as `src/cli/main.js`.
 */
export async function compiled(path: string): Promise<string> {
  // The compiler writes its files even when a type is wrong somewhere; the type check reports that.
  await promisify(execFile)(process.execPath, ['scripts/setup.mjs', '--compile']).catch((cause: unknown) => {
    if (!existsSync(resolve('dist', path))) throw cause;
  });
  return resolve(join('dist', path));
}
