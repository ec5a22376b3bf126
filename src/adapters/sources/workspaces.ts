import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actorName, parseActor } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Blobs, Digest, Workspaces } from '../../machines/build/ports.ts';
import { errno, removeTree } from './remove-tree.ts';
import { unpackBlob } from './unpack-blob.ts';

/**
 * Builds' folders on this machine: `<dataDir>/work/<type>.<id>/source`, with the digest beside it in
 * `digest`. A folder appears by one rename, so it is whole or absent, and any number of processes may
 * ask for it at once. What is half done is called `<type>.<id>.<uuid>`.
 */
export function workspaces(dataDir: string, blobs: Blobs): Workspaces {
  const root = join(dataDir, 'work');
  const running = new Map<string, Promise<string>>();

  const ensure = async (name: string, digest: Digest): Promise<string> => {
    const home = join(root, name);
    for (;;) {
      if (await digestOf(home) === digest) return join(home, 'source');
      const fresh = `${home}.${randomUUID()}`;
      try {
        await mkdir(fresh, { recursive: true });
        await unpackBlob(blobs, digest, join(fresh, 'source'));
        await writeFile(join(fresh, 'digest'), digest);
        await put(fresh, home, digest);
      } finally {
        await removeTree(fresh);
      }
    }
  };

  return {
    async ensure(build, source) {
      const name = nameOf(build);
      const key = `${name}@${source}`;
      const made = running.get(key) ?? ensure(name, source).finally(() => running.delete(key));
      running.set(key, made);
      return made;
    },
    async remove(build) {
      const name = nameOf(build);
      const there = await readdir(root).catch(none);
      for (const entry of there) if (entry === name || entry.startsWith(`${name}.`)) await removeTree(join(root, entry));
    },
  };
}

/** A dot can stand in neither part, so no two builds share a name. */
function nameOf(build: ActorName): string {
  const { type, id } = parseActor(build);
  return actorName(type, id).replace('/', '.');
}

async function digestOf(home: string): Promise<Digest | undefined> {
  return readFile(join(home, 'digest'), 'utf8').catch((error: unknown) => {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return undefined;
    throw error;
  });
}

/** Moves the folder to its place. One with the same source stays, another makes room; the caller looks again. */
async function put(fresh: string, home: string, digest: Digest): Promise<void> {
  const taken = await rename(fresh, home).then(() => false, (error: unknown) => {
    unless('ENOTEMPTY', 'EEXIST', 'ENOTDIR')(error);
    return true;
  });
  if (!taken || await digestOf(home) === digest) return;
  const old = `${home}.${randomUUID()}`;
  await rename(home, old).catch(unless('ENOENT'));
  await removeTree(old);
}

const unless = (...codes: readonly string[]) => (error: unknown): void => {
  if (!codes.includes(errno(error) ?? '')) throw error;
};

const none = (error: unknown): string[] => {
  if (errno(error) === 'ENOENT') return [];
  throw error;
};
