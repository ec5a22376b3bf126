import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TerminalError } from '../../kernel/errors.ts';
import { badArchive, type Item } from './inventory.ts';
import { readArchive, type ReadOptions } from './read-archive.ts';
import { errno, removeTree } from './remove-tree.ts';

/**
 * Unpack a tar or tar.gz as the folder `dir`, which is not there yet or empty. It appears complete or
 * not at all: a half one lies beside it as `<dir>.unpacking-*` until the process ends or fails.
 * Files get mode 644 or 755, as the umask allows.
 * @throws TerminalError `bad_archive`, `folder_not_empty`; what reading `bytes` throws passes unchanged.
 */
export async function unpack(bytes: Readable, dir: string, options: ReadOptions = {}): Promise<void> {
  const staging = `${dir}.unpacking-${randomUUID()}`;
  await mkdir(staging, { recursive: true });
  try {
    await layOut(bytes, staging, options);
    await rename(staging, dir);
  } catch (error) {
    bytes.destroy();
    await removeTree(staging);
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errno(error) ?? '')) throw error;
    throw new TerminalError('folder_not_empty', `${dir} has something in it already.`, { hint: 'Unpack into a folder that is empty or not there.', cause: error });
  }
}

async function layOut(bytes: Readable, root: string, options: ReadOptions): Promise<void> {
  const links: Extract<Item, { kind: 'link' }>[] = [];
  await readArchive(bytes, async (item, content) => {
    const path = join(root, item.path);
    try {
      await mkdir(item.kind === 'folder' ? path : dirname(path), { recursive: true });
      if (item.kind === 'copy') await link(join(root, item.of), path);
      // Last of all, so that nothing is ever written through a link.
      if (item.kind === 'link') links.push(item);
      const file = item.kind === 'file' ? createWriteStream(path, { flags: 'wx', mode: item.executable ? 0o755 : 0o644 }) : undefined;
      // By its iterator: the stream itself, when it failed before it is listened to, never ends.
      if (file !== undefined) return await pipeline(Readable.from(content), file);
      for await (const _ of content) { /* links and folders have no content worth keeping */ }
    } catch (error) {
      throw clash(error, item.path);
    }
  }, options);
  for (const item of links) {
    const path = join(root, item.path);
    await mkdir(dirname(path), { recursive: true });
    await symlink(item.target, path).catch((error: unknown) => { throw clash(error, item.path); });
  }
}

/** What this disk cannot tell apart, such as names that differ only in case. */
function clash(error: unknown, path: string): unknown {
  const code = errno(error) ?? '';
  return ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EILSEQ'].includes(code) ? badArchive(`"${path}" cannot be laid out on this disk (${code})`, error) : error;
}
