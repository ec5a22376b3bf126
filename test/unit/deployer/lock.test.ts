import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../../src/adapters/deployers/release-folder/lock.ts';
import { isAlive, newOwner } from '../../../src/adapters/deployers/release-folder/owner.ts';
import { scratch } from '../sources/support/archives.ts';

describe('the deployer\'s lock', () => {
  it('given many that want it at once, when they have it, then each has it alone and all get it', async () => {
    const dir = await scratch();
    let inside = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 12 }, () => withLock(dir, async () => {
      most = Math.max(most, ++inside);
      await readdir(dir);
      inside--;
    })));
    expect(most).toBe(1);
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('given work that fails, when it has failed, then the lock is free', async () => {
    const dir = await scratch();
    await expect(withLock(dir, async () => { throw new Error('no'); })).rejects.toThrow('no');
    expect(await withLock(dir, async () => 'mine', { waitMs: 0 })).toBe('mine');
  });

  it('given an owner that has died, when another wants it, then it is succeeded, by one of many', async () => {
    const dir = await scratch();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await writeFile(join(dir, '7'), JSON.stringify({ pid, started: '1', host: hostname(), token: 'gone', at: Date.now() }));
    let inside = 0;
    await Promise.all(Array.from({ length: 6 }, () => withLock(dir, async () => {
      expect(++inside).toBe(1);
      await readdir(dir);
      inside--;
    }, { waitMs: 5_000 })));
  });

  it('given an owner that lives, when another wants it, then it waits and in the end asks for a retry', async () => {
    const dir = await scratch();
    await writeFile(join(dir, '1'), JSON.stringify(newOwner()));
    await expect(withLock(dir, async () => 'mine', { waitMs: 30 })).rejects.toMatchObject({ code: 'deployer_busy', retryable: true });
    expect(await readdir(dir)).toEqual(['1']);
  });

  it('given a pid that is another process by now, an abandoned one of our own, or another machine long ago, then none of them holds it', () => {
    const owner = newOwner();
    expect(isAlive(owner)).toBe(true);
    expect(isAlive({ ...owner, started: '12' })).toBe(false);
    expect(isAlive({ ...owner, token: 'nobody' })).toBe(false);
    expect(isAlive({ ...owner, host: 'elsewhere' })).toBe(true);
    expect(isAlive({ ...owner, host: 'elsewhere', at: owner.at - 120_000 })).toBe(false);
  });
});
