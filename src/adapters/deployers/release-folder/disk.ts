import { mkdir, open, rename, rm, rmdir, symlink } from 'node:fs/promises';

/** Every change the deployer makes to the disk, one system call or so each: a test stops it between any two. */
export interface Disk {
  mkdir(path: string): Promise<void>;
  /** A new file, on the disk before it resolves. */
  write(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  /** A file, link or whole folder; harmless when it is gone. */
  remove(path: string): Promise<void>;
  /** Only while it is empty; harmless when it is not, or gone. */
  removeEmpty(path: string): Promise<void>;
}

export const realDisk: Disk = {
  mkdir: async (path) => { await mkdir(path, { recursive: true }); },
  async write(path, text) {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename: (from, to) => rename(from, to),
  symlink: (target, path) => symlink(target, path),
  remove: (path) => rm(path, { recursive: true, force: true }),
  removeEmpty: async (path) => { await rmdir(path).catch(() => undefined); },
};
