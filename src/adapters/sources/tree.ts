import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { TerminalError } from '../../kernel/errors.ts';
import type { SourceTree } from '../../machines/build/ports.ts';

/** Reads an unpacked source on this machine's disk. A link that leads out of the folder is refused. */
export const sourceTree: SourceTree = {
  async list(dir) {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).toSorted();
  },

  async read(dir, path, maxBytes) {
    const inside = await resolveInside(dir, path);
    if (inside === undefined) return undefined;
    // The path is resolved already: a link here appeared since, and O_NONBLOCK keeps a pipe from hanging us.
    const file = await open(inside, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return undefined;
      if (stat.size > maxBytes) {
        throw new TerminalError('file_too_large', `${path} has ${stat.size} bytes; at most ${maxBytes} are read.`,
          { hint: 'Keep what Millrace has to read small: settings, not data.' });
      }
      return decode(path, await file.readFile());
    } finally {
      await file.close();
    }
  },
};

async function resolveInside(dir: string, path: string): Promise<string | undefined> {
  const root = await realpath(dir);
  const full = await realpath(join(root, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    if (error.code === 'ELOOP') throw unsafe(path);
    throw error;
  });
  if (full === undefined) return undefined;
  if (!full.startsWith(root + sep)) throw unsafe(path);
  return full;
}

const unsafe = (path: string): TerminalError =>
  new TerminalError('unsafe_link', `${path} leads out of the source folder, or nowhere.`,
    { hint: 'Put a plain file there instead of the link.' });

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TerminalError('not_text', `${path} is not UTF-8 text.`, { hint: 'Save it as UTF-8.', cause });
  }
}
