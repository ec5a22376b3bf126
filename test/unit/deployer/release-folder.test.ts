import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { releaseFolder } from '../../../src/adapters/deployers/release-folder/deployer.ts';
import { realDisk, type Disk } from '../../../src/adapters/deployers/release-folder/disk.ts';
import type { Deployer } from '../../../src/machines/build/ports.ts';
import { fakeBlobs, type FakeBlobs } from '../../support/fake/blobs.ts';
import { scratch, stream, tarOf, treeOf } from '../sources/support/archives.ts';

class Killed extends Error {}

/** A disk that dies before its change number `at`, or just after it; a dead one changes nothing any more. */
function mortal(at: number, after: boolean): Disk & { readonly died: () => boolean } {
  let changes = 0;
  const guard = async (change: () => Promise<void>): Promise<void> => {
    const mine = ++changes;
    if (mine > at || (mine === at && !after)) throw new Killed();
    await change();
    if (mine === at) throw new Killed();
  };
  return {
    mkdir: (path) => guard(() => realDisk.mkdir(path)),
    write: (path, text) => guard(() => realDisk.write(path, text)),
    rename: (from, to) => guard(() => realDisk.rename(from, to)),
    symlink: (target, path) => guard(() => realDisk.symlink(target, path)),
    remove: (path) => guard(() => realDisk.remove(path)),
    removeEmpty: (path) => guard(() => realDisk.removeEmpty(path)),
    died: () => changes >= at,
  };
}

interface World {
  readonly data: string;
  readonly blobs: FakeBlobs;
  readonly digests: readonly string[];
}

async function world(): Promise<World> {
  const blobs = fakeBlobs();
  const digests: string[] = [];
  for (const content of ['one', 'two', 'three']) digests.push((await blobs.put(stream(await tarOf({ name: 'bin/app', content })))).digest);
  return { data: await scratch(), blobs, digests };
}

type Verb = (deployer: Deployer, digests: readonly string[]) => Promise<unknown>;

const lay: Verb = async (deployer, [one = '', two = '']) => {
  await deployer.prepare('shop', 'v1', one);
  await deployer.activate('shop', 'v1');
  await deployer.prepare('shop', 'v2', two);
};
const activate: Verb = (deployer) => deployer.activate('shop', 'v2');
const deactivate: Verb = (deployer) => deployer.deactivate('shop', 'v2');

const cut: readonly (readonly [what: string, before: readonly Verb[], verb: Verb])[] = [
  ['prepare', [], (deployer, [one = '']) => deployer.prepare('shop', 'v1', one)],
  ['prepare with another artifact', [lay], (deployer, [, , three = '']) => deployer.prepare('shop', 'v2', three)],
  ['the first activate', [(deployer, [one = '']) => deployer.prepare('shop', 'v1', one)], (deployer) => deployer.activate('shop', 'v1')],
  ['activate', [lay], activate],
  ['deactivate', [lay, activate], deactivate],
  ['deactivate of the first', [lay], (deployer) => deployer.deactivate('shop', 'v1')],
  ['removeRelease', [lay, activate, deactivate], (deployer) => deployer.removeRelease('shop', 'v2')],
  ['removeRelease in the middle', [lay, activate, async (deployer, [, , three = '']) => {
    await deployer.prepare('shop', 'v3', three);
    await deployer.activate('shop', 'v3');
  }], (deployer) => deployer.removeRelease('shop', 'v2')],
  ['removeRelease of the last', [(deployer, [one = '']) => deployer.prepare('shop', 'v1', one)], (deployer) => deployer.removeRelease('shop', 'v1')],
];

describe('release folder', () => {
  it.each(cut)('given a process that dies before or after any change of the disk in %s, when it is called again, then all is as if undisturbed', async (_, before, verb) => {
    const undisturbed = await world();
    for (const one of [...before, verb]) await one(releaseFolder(undisturbed.data, undisturbed.blobs), undisturbed.digests);
    const expected = withoutLock(await treeOf(join(undisturbed.data, 'apps')));
    let died = true;
    for (let at = 1; died; at++) {
      for (const after of [false, true]) {
        const { data, blobs, digests } = await world();
        for (const one of before) await one(releaseFolder(data, blobs), digests);
        const disk = mortal(at, after);
        const first = await verb(releaseFolder(data, blobs, { disk }), digests).then(() => undefined, (error: unknown) => error);
        died = disk.died();
        if (died) expect(first).toBeInstanceOf(Killed);
        await verb(releaseFolder(data, blobs), digests);
        expect(withoutLock(await treeOf(join(data, 'apps'))), `change ${at}, ${after ? 'after' : 'before'}`).toEqual(expected);
      }
    }
  });

  it('given an activation cut off anywhere, when it is repeated, then it still says what was active before it at first', async () => {
    for (let at = 1, died = true; died; at++) {
      const { data, blobs, digests } = await world();
      await lay(releaseFolder(data, blobs), digests);
      const disk = mortal(at, true);
      await releaseFolder(data, blobs, { disk }).activate('shop', 'v2').catch(() => undefined);
      died = disk.died();
      expect(await releaseFolder(data, blobs).activate('shop', 'v2')).toEqual({ previous: 'v1' });
    }
  });

  it('given a prepared release, when it is activated, then a relative link leads to its files and the data folder may move', async () => {
    const { data, blobs, digests } = await world();
    const deployer = releaseFolder(data, blobs);
    await lay(deployer, digests);
    await deployer.activate('shop', 'v2');
    expect(deployer.location('shop')).toBe(join(data, 'apps/shop/current'));
    expect(await readlink(deployer.location('shop'))).toBe('releases/v2');
    await rename(join(data, 'apps'), join(data, 'moved'));
    expect(await readFile(join(data, 'moved/shop/current/bin/app'), 'utf8')).toBe('two');
  });

  it('given an app whose only release is taken back and removed, then nothing of it is left', async () => {
    const { data, blobs, digests: [one = ''] } = await world();
    const deployer = releaseFolder(data, blobs);
    await deployer.prepare('shop', 'v1', one);
    await deployer.activate('shop', 'v1');
    await deployer.deactivate('shop', 'v1');
    await deployer.removeRelease('shop', 'v1');
    expect(await readdir(join(data, 'apps'))).toEqual(['.locks']);
  });

  it('given the release before gone by hand, when the active one is taken back, then it stays active and says so', async () => {
    const { data, blobs, digests } = await world();
    const deployer = releaseFolder(data, blobs);
    await lay(deployer, digests);
    await deployer.activate('shop', 'v2');
    await rm(join(data, 'apps/shop/releases/v1'), { recursive: true });
    await expect(deployer.deactivate('shop', 'v2')).rejects.toMatchObject({ code: 'previous_release_gone', retryable: false });
    expect(await deployer.active('shop')).toBe('v2');
  });

  it('given a reader that looks all the time, when versions are switched, then there is always a whole release behind the link', async () => {
    const { data, blobs, digests } = await world();
    const deployer = releaseFolder(data, blobs);
    await lay(deployer, digests);
    let switching = true;
    const seen = new Set<string>();
    const reader = (async () => { while (switching) seen.add(await readFile(join(deployer.location('shop'), 'bin/app'), 'utf8')); })();
    for (let round = 0; round < 30; round++) await deployer.activate('shop', round % 2 === 0 ? 'v2' : 'v1');
    switching = false;
    await reader;
    expect([...seen].toSorted()).toEqual(['one', 'two']);
  });

  it('given many that prepare and activate at once, then all succeed, one is active, and nothing is left on its way', async () => {
    const { data, blobs, digests: [one = '', two = ''] } = await world();
    await Promise.all(Array.from({ length: 8 }, async (_, index) => {
      const deployer = releaseFolder(data, blobs);
      const version = `v${index % 2}`;
      await deployer.prepare('shop', version, index % 2 === 0 ? one : two);
      await deployer.activate('shop', version);
    }));
    expect(['v0', 'v1']).toContain(await releaseFolder(data, blobs).active('shop'));
    expect(existsSync(join(data, 'apps/shop/.staging'))).toBe(false);
  });

  it('given an artifact with nothing in it, as the noop runner makes one, when it is deployed, then it is an empty release', async () => {
    const { data, blobs } = await world();
    const { digest } = await blobs.put(stream(gzipSync(await tarOf())));
    const deployer = releaseFolder(data, blobs);
    await deployer.prepare('shop', 'v1', digest);
    await deployer.activate('shop', 'v1');
    expect(await readdir(join(data, 'apps/shop/current/'))).toEqual([]);
  });

  it('given a damaged artifact, when it is prepared, then a retry may help and no release is left', async () => {
    const { data, blobs, digests: [one = ''] } = await world();
    blobs.stored.set(one, Buffer.from('garbage'));
    await expect(releaseFolder(data, blobs).prepare('shop', 'v1', one)).rejects.toMatchObject({ code: 'blob_damaged', retryable: true });
    expect(await readdir(join(data, 'apps/shop/releases'))).toEqual([]);
  });
});

function withoutLock(tree: Record<string, string | null>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => !name.startsWith('.locks')));
}
