import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { stageSource } from '../../../src/adapters/sources/stage.ts';
import { fakeBlobs } from '../../support/fake/blobs.ts';
import { lay, scratch, tarOf } from './support/archives.ts';

describe('staging a source', () => {
  it('given the same folder in two places, when both are staged, then it is stored once', async () => {
    const blobs = fakeBlobs();
    const tree = { 'package.json': '{}', 'src/a.ts': 'a' };
    const staged = await stageSource(blobs, await lay(await scratch(), tree));
    expect(await stageSource(blobs, await lay(await scratch(), tree))).toEqual(staged);
    expect([...blobs.stored.keys()]).toEqual([staged.digest]);
    expect(staged.size).toBe(blobs.stored.get(staged.digest)?.length);
  });

  it('given a link to a folder, when it is staged, then the folder is', async () => {
    const blobs = fakeBlobs();
    const dir = await lay(await scratch(), { 'src/a': 'a', link: '-> src' });
    expect(await stageSource(blobs, join(dir, 'link'))).toEqual(await stageSource(blobs, join(dir, 'src')));
  });

  it('given a good archive, zipped or not, when it is staged, then its own bytes are stored', async () => {
    const blobs = fakeBlobs();
    const dir = await scratch();
    const tar = await tarOf({ name: 'a', content: 'x' });
    for (const [name, bytes] of [['a.tar', tar], ['a.tgz', gzipSync(tar)]] as const) {
      await writeFile(join(dir, name), bytes);
      const { digest } = await stageSource(blobs, join(dir, name));
      expect(blobs.stored.get(digest)?.equals(bytes)).toBe(true);
    }
  });

  it('given a bad source, when it is staged, then it says why and nothing is stored', async () => {
    const blobs = fakeBlobs();
    const dir = await lay(await scratch(), { 'cut.tgz': '', 'evil.tar': '', empty: null, 'text.txt': 'just text' });
    const evil = await tarOf({ name: '../x', content: 'x' });
    await writeFile(join(dir, 'evil.tar'), evil);
    await writeFile(join(dir, 'cut.tgz'), gzipSync(await tarOf({ name: 'a', content: 'x'.repeat(9_000) })).subarray(0, 60));
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    const cases = [
      ['nowhere', 'no_such_source'], ['text.txt/below', 'no_such_source'], ['empty', 'empty_source'], ['pipe', 'bad_source'],
      ['evil.tar', 'bad_archive'], ['cut.tgz', 'bad_archive'], ['text.txt', 'bad_archive'],
    ] as const;
    for (const [name, code] of cases) {
      await expect(stageSource(blobs, join(dir, name))).rejects.toMatchObject({ code, retryable: false, hint: expect.any(String) as unknown });
    }
    expect(blobs.stored.size).toBe(0);
  });
});
