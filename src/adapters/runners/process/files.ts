import { randomUUID } from 'node:crypto';
import { chmod, link, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export const errno = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

/** The file's JSON, or undefined when there is none. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function stage(path: string, text: string): Promise<string> {
  const staged = `${path}.${randomUUID()}`;
  const file = await open(staged, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return staged;
}

/** The whole text or the old one, never half of it. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await rename(await stage(path, text), path);
}

/** The first writer wins and is told so: true. */
export async function writeOnce(path: string, value: unknown): Promise<boolean> {
  const staged = await stage(path, JSON.stringify(value));
  try {
    await link(staged, path);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(staged, { force: true });
  }
}

/** Remove a folder a build has had its hands on: read-only folders included. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (errno(error) !== 'EACCES' && errno(error) !== 'EPERM') throw error;
    await openUp(path);
    await rm(path, { recursive: true, force: true });
  }
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
}
