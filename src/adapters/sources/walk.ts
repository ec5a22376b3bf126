import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../../kernel/errors.ts';
import { ignoring, type Ignore } from './ignore.ts';
import type { ArchiveLimits } from './limits.ts';
import { linkProblem, pathProblem } from './paths.ts';
import { errno } from './remove-tree.ts';

/** One thing to pack. `path` is relative, `/` between names; `at` is where it lies. */
export type Found =
  | { readonly kind: 'folder'; readonly path: string; readonly at: string }
  | { readonly kind: 'file'; readonly path: string; readonly at: string }
  | { readonly kind: 'link'; readonly path: string; readonly at: string; readonly target: string };

/** What stands in a folder, sorted by name at each level. @throws TerminalError `unpackable`, `source_too_large`. */
export async function* walk(root: string, ignore: Ignore, limits: ArchiveLimits): AsyncGenerator<Found> {
  let entries = 0;
  async function* below(parts: readonly string[]): AsyncGenerator<Found> {
    for (const name of (await readdir(join(root, ...parts))).toSorted(byCode)) {
      const inside = [...parts, name];
      const [path, at] = [inside.join('/'), join(root, ...inside)];
      const stat = await lstat(at);
      if (ignore(path, stat.isDirectory())) continue;
      if (++entries > limits.maxEntries) throw sourceTooLarge(`it has more than ${limits.maxEntries} entries`);
      const problem = pathProblem(path, limits.maxPathBytes);
      if (problem !== undefined) throw unpackable(problem);
      if (stat.isDirectory()) {
        yield { kind: 'folder', path, at };
        yield* below(inside);
      } else if (stat.isFile()) {
        yield { kind: 'file', path, at };
      } else if (stat.isSymbolicLink()) {
        const target = await readlink(at);
        const wrong = linkProblem(inside, target);
        if (wrong !== undefined) throw unpackable(wrong);
        yield { kind: 'link', path, at, target };
      } else {
        throw unpackable(`"${path}" is neither a file, a folder nor a link`);
      }
    }
  }
  yield* below([]);
}

/** What a folder's own `.millraceignore` and the defaults leave out. */
export async function ignoreOf(root: string): Promise<Ignore> {
  const text = await readFile(join(root, '.millraceignore'), 'utf8').catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return '';
    throw error;
  });
  return ignoring(text);
}

export const sourceTooLarge = (what: string): TerminalError =>
  new TerminalError('source_too_large', `The folder is too large to pack: ${what}.`, { hint: 'Leave out what the build does not need, with a .millraceignore.' });

const unpackable = (what: string): TerminalError =>
  new TerminalError('unpackable', `The folder cannot be packed: ${what}.`, { hint: 'Remove it, or leave it out with a line in .millraceignore.' });

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
