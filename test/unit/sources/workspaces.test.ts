import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workspaces } from '../../../src/adapters/sources/workspaces.ts';
import { fakeBlobs, type FakeBlobs } from '../../support/fake/blobs.ts';
import { lay, scratch, stream, tarOf, treeOf } from './support/archives.ts';

const put = async (blobs: FakeBlobs, content: string): Promise<string> => (await blobs.put(stream(await tarOf({ name: 'a', content })))).digest;

describe('workspaces', () => {
  it('given a staged source, when it is ensured, then it is unpacked in the build\'s own folder, and again is not unpacked again', async () => {
    const [data, blobs] = [await scratch(), fakeBlobs()];
    const digest = await put(blobs, 'one');
    const dir = await workspaces(data, blobs).ensure('build/b1', digest);
    expect(dir).toBe(join(data, 'work/build.b1/source'));
    await writeFile(join(dir, 'mine'), 'kept');
    blobs.stored.clear();
    expect(await workspaces(data, blobs).ensure('build/b1', digest)).toBe(dir);
    expect(await treeOf(dir)).toEqual({ a: 'one', mine: 'kept' });
  });

  it('given many workers that ensure it at once, when all have it, then it is whole and nothing else is left', async () => {
    const [data, blobs] = [await scratch(), fakeBlobs()];
    const digest = await put(blobs, 'x'.repeat(100_000));
    const all = await Promise.all(Array.from({ length: 6 }, () => workspaces(data, blobs).ensure('build/b1', digest)));
    expect(new Set(all).size).toBe(1);
    expect(await readdir(join(data, 'work'))).toEqual(['build.b1']);
    expect((await treeOf(all[0] ?? ''))['a']).toHaveLength(100_000);
  });

  it('given another source, or a folder that a crash left half done, when it is ensured, then it is replaced', async () => {
    const [data, blobs] = [await scratch(), fakeBlobs()];
    const spaces = workspaces(data, blobs);
    await spaces.ensure('build/b1', await put(blobs, 'one'));
    expect(await treeOf(await spaces.ensure('build/b1', await put(blobs, 'two')))).toEqual({ a: 'two' });
    await rm(join(data, 'work/build.b1/digest'));
    await lay(data, { 'work/build.b1/source/a': 'half' });
    expect(await treeOf(await spaces.ensure('build/b1', await put(blobs, 'two')))).toEqual({ a: 'two' });
    expect(await readdir(join(data, 'work'))).toEqual(['build.b1']);
  });

  it('given builds whose names look alike, when one is removed with what a crash left of it, then the others stay; again is harmless', async () => {
    const [data, blobs] = [await scratch(), fakeBlobs()];
    const spaces = workspaces(data, blobs);
    const digest = await put(blobs, 'one');
    for (const build of ['build/b1', 'build/b1-2', 'build-b1/x'] as const) await spaces.ensure(build, digest);
    await mkdir(join(data, 'work/build.b1.0000/source'), { recursive: true });
    await spaces.remove('build/b1');
    await spaces.remove('build/b1');
    expect((await readdir(join(data, 'work'))).toSorted()).toEqual(['build-b1.x', 'build.b1-2']);
  });

  it('given a bad archive, an unknown digest or damaged bytes, when it is ensured, then it says which and leaves nothing', async () => {
    const [data, blobs] = [await scratch(), fakeBlobs()];
    const spaces = workspaces(data, blobs);
    const bad = (await blobs.put(stream(await tarOf({ name: '../x', content: 'x' })))).digest;
    await expect(spaces.ensure('build/b1', bad)).rejects.toMatchObject({ code: 'bad_archive', retryable: false });
    await expect(spaces.ensure('build/b1', '0'.repeat(64))).rejects.toMatchObject({ code: 'unknown_blob', retryable: false });
    const damaged = await put(blobs, 'one');
    blobs.stored.set(damaged, Buffer.from('garbage'));
    await expect(spaces.ensure('build/b1', damaged)).rejects.toMatchObject({ code: 'blob_damaged', retryable: true });
    await expect(spaces.ensure('build/../../x' as 'build/x', damaged)).rejects.toMatchObject({ code: 'bad_actor_name' });
    expect(await readdir(join(data, 'work'))).toEqual([]);
  });
});
