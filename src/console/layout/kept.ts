import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ElkNode } from 'elkjs/lib/elk-api.js';
import { cacheFolder } from '../../adapters/nats/server/cache.ts';
import type { Arrange } from './elk.ts';

/** Files that are kept; the ones used longest ago go. */
const kept = 200;

/** Where layouts are kept from one start to the next: `<cache>/millrace/layouts`. */
export const layoutCache = (env: NodeJS.ProcessEnv): string => cacheFolder(env, 'layouts');

/**
 * Arranges each graph once for all processes of this machine: what was arranged is kept in `folder`, a file for each, named
 * after all that it follows from. A folder that cannot be read or written costs time, and nothing else.
 */
export function keptIn(folder: string, arrange: Arrange): Arrange {
  return async (graph) => {
    const file = join(folder, `${nameOf(graph)}.json.gz`);
    const known = await read(file);
    if (known !== undefined) return known;
    const placed = await arrange(graph);
    await write(folder, file, placed).catch(() => undefined);
    return placed;
  };
}

const { version } = createRequire(import.meta.url)('elkjs/package.json') as { readonly version: string };

const nameOf = (graph: ElkNode): string => createHash('sha256').update(version).update(JSON.stringify(graph)).digest('hex').slice(0, 40);

async function read(file: string): Promise<ElkNode | undefined> {
  try {
    const placed = JSON.parse(gunzipSync(await readFile(file)).toString('utf8')) as ElkNode;
    await utimes(file, new Date(), new Date()).catch(() => undefined);
    return placed;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, also when two write the same. */
async function write(folder: string, file: string, placed: ElkNode): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${randomUUID()}.tmp`);
  await writeFile(draft, gzipSync(JSON.stringify(placed)), { mode: 0o600 });
  await rename(draft, file);
  const files = (await readdir(folder)).map((name) => join(folder, name));
  if (files.length <= kept) return;
  const used = await Promise.all(files.map(async (name) => ({ name, at: (await stat(name)).mtimeMs })));
  for (const { name } of used.toSorted((a, b) => b.at - a.at).slice(kept)) await rm(name, { force: true });
}
