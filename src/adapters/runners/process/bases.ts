import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../../kernel/canonical.ts';
import type { Change } from '../../../machines/run/runner.ts';
import { errno } from '../../sources/remove-tree.ts';
import type { Wanted } from './order.ts';

/**
 * The bases that were built by themselves and are good, so that they are not built again. What is kept is
 * that they are good, not their workspaces: a head is built from a clean folder whether or not its base is
 * known, so that it makes no difference to its verdict.
 */
export interface Bases {
  readonly path: (key: string) => string;
  /** When and by which build it was found good; undefined when it is not known to be. What cannot be read is as good as absent. */
  find(key: string): Promise<Verdict | undefined>;
}

/** Written by the supervisor, whole, under another name first. */
export interface Verdict {
  readonly key: string;
  readonly build: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** The same changes in the same order, built the same way in the same environment. */
export const baseKey = (base: readonly Change[], { command, env, limits }: Wanted): string =>
  createHash('sha256').update(canonicalJson({ base: base.map(({ uri }) => uri), command, env, limits: { ...limits }, machine: [process.platform, process.arch] })).digest('hex');

const hourMs = 3_600_000;

/** In `<dataDir>/bases`, at most `most` of them: the least recently used are forgotten. */
export function knownBases(dataDir: string, most: number): Bases {
  const dir = join(dataDir, 'bases');
  const path = (key: string): string => join(dir, `${key}.json`);

  const tidy = async (): Promise<void> => {
    const names = await readdir(dir);
    if (names.length <= most) return;
    const files = await Promise.all(names.map(async (name) => ({ file: join(dir, name), whole: /^[0-9a-f]{64}\.json$/.test(name), at: (await stat(join(dir, name)).catch(() => undefined))?.mtimeMs ?? 0 })));
    const whole = files.filter((one) => one.whole).toSorted((one, other) => other.at - one.at);
    // Half-written ones of a supervisor that died: old enough not to be one that is being written.
    const halves = files.filter((one) => !one.whole && one.at < Date.now() - hourMs);
    await Promise.all([...whole.slice(most), ...halves].map(({ file }) => rm(file, { force: true })));
  };

  return {
    path,
    async find(key) {
      if (most === 0) return undefined;
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const verdict = parse(await readFile(path(key), 'utf8').catch((error: unknown) => {
        if (errno(error) === 'ENOENT') return '';
        throw error;
      }));
      if (verdict?.key === key) await utimes(path(key), new Date(), new Date()).catch(() => undefined);
      await tidy();
      return verdict?.key === key ? verdict : undefined;
    },
  };
}

function parse(text: string): Verdict | undefined {
  try {
    const { key, build, at } = JSON.parse(text) as Partial<Verdict>;
    return typeof key === 'string' && typeof build === 'string' && typeof at === 'number' ? { key, build, at } : undefined;
  } catch {
    return undefined;
  }
}
