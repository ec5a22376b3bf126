import { readJson, writeOnce } from '../process/files.ts';
import type { RunFolder } from '../process/folder.ts';

/** That a build is to end. The first reason stands. */
export interface Wish {
  readonly why: 'cancelled' | 'timeout' | 'disk_full';
  readonly at: number;
}

export const readWish = (folder: RunFolder): Promise<Wish | undefined> => readJson<Wish>(folder.cancel);

export const wishEnd = (folder: RunFolder, why: Wish['why']): Promise<boolean> =>
  writeOnce(folder.cancel, { why, at: Date.now() } satisfies Wish);
