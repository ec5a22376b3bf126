import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { errno } from '../../sources/remove-tree.ts';

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
