import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RetryableError } from '../../../kernel/errors.ts';
import { isAlive, newOwner, retire, type Owner } from './owner.ts';

const free = 'free';

/**
 * Run `work` while no other process does under the same folder. The lock is the file with the highest
 * number in it: free, or its owner's. The next number can be taken once only, and only after a free or
 * dead one, so a dead owner is succeeded without anybody's lock ever being removed.
 * @throws RetryableError `deployer_busy`.
 */
export async function withLock<T>(dir: string, work: () => Promise<T>, { waitMs = 30_000 } = {}): Promise<T> {
  const owner = newOwner();
  try {
    const mine = await acquire(dir, owner, Date.now() + waitMs);
    try {
      return await work();
    } finally {
      await replace(dir, mine, owner, free);
    }
  } finally {
    retire(owner);
  }
}

async function acquire(dir: string, owner: Owner, deadline: number): Promise<number> {
  await mkdir(dir, { recursive: true });
  for (;;) {
    const last = await newest(dir);
    const held = last > 0 && await isHeld(join(dir, String(last)));
    if (!held && await take(dir, last + 1, owner)) return last + 1;
    if (Date.now() > deadline) {
      throw new RetryableError('deployer_busy', `Another process holds ${dir}.`, { hint: 'It is tried again; see which process the newest file in it names.' });
    }
    if (held) await pause(10 + Math.random() * 20);
  }
}

async function take(dir: string, number: number, owner: Owner): Promise<boolean> {
  const staged = join(dir, `.${owner.token}`);
  await writeFile(staged, JSON.stringify(owner));
  try {
    await link(staged, join(dir, String(number)));
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  } finally {
    await rm(staged, { force: true });
  }
  // Old numbers are cleared away: who was slow may have taken one of those.
  const overtaken = await newest(dir) !== number;
  if (overtaken) await rm(join(dir, String(number)), { force: true });
  else for (const name of await readdir(dir)) if (Number(name) < number) await rm(join(dir, name), { force: true });
  return !overtaken;
}

async function replace(dir: string, number: number, owner: Owner, text: string): Promise<void> {
  const staged = join(dir, `.${owner.token}`);
  await writeFile(staged, text);
  await rename(staged, join(dir, String(number)));
}

async function isHeld(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  // Gone means that a newer one is there: look again.
  return text === undefined || (text !== free && isAlive(JSON.parse(text) as Owner));
}

async function newest(dir: string): Promise<number> {
  return (await readdir(dir)).reduce((most, name) => (/^\d+$/.test(name) ? Math.max(most, Number(name)) : most), 0);
}
