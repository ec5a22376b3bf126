import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Remove a folder or file, read-only folders included. Harmless when it is gone; follows no link. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (errno(error) !== 'EACCES' && errno(error) !== 'EPERM') throw error;
    await openUp(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** `ENOENT` and the like; undefined when the error is none of the system's. */
export const errno = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
}
