import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pack, type Header } from 'tar-stream';
import { onTestFinished } from 'vitest';

export type TarEntry = Partial<Header> & Pick<Header, 'name'> & { readonly content?: string };

/** A tar with exactly these entries, however hostile. */
export async function tarOf(...entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry({ type: 'file', mtime: new Date(0), ...header }, content ?? '');
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const stream = (bytes: Buffer): Readable => Readable.from([bytes], { objectMode: false });

export async function bytesOf(readable: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readable as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A folder of its own for one test. */
export async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Lay out a tree: path -> text, `-> target` for a link, null for an empty folder. */
export async function lay(dir: string, tree: Readonly<Record<string, string | null>>): Promise<string> {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(dir, name);
    await mkdir(content === null ? path : dirname(path), { recursive: true });
    if (content === null) continue;
    if (content.startsWith('-> ')) await symlink(content.slice(3), path);
    else await writeFile(path, content);
  }
  return dir;
}

/** The tree as {@link lay} takes it: every file and link, and the empty folders. */
export async function treeOf(dir: string, below = ''): Promise<Record<string, string | null>> {
  const found: Record<string, string | null> = {};
  for (const entry of (await readdir(join(dir, below), { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isSymbolicLink()) found[name] = `-> ${await readlink(join(dir, name))}`;
    else if (entry.isFile()) found[name] = await readFile(join(dir, name), 'utf8');
    else {
      const inside = await treeOf(dir, name);
      Object.assign(found, Object.keys(inside).length === 0 ? { [name]: null } : inside);
    }
  }
  return found;
}
