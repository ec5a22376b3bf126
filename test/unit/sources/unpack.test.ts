import { execFileSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RetryableError } from '../../../src/kernel/errors.ts';
import { checkArchive } from '../../../src/adapters/sources/read-archive.ts';
import { unpack } from '../../../src/adapters/sources/unpack.ts';
import { lay, scratch, stream, tarOf, treeOf, type TarEntry } from './support/archives.ts';

const file = (name: string, content = 'x'): TarEntry => ({ name, content });
const link = (name: string, linkname: string): TarEntry => ({ name, type: 'symlink', linkname });

const hostile: readonly (readonly [what: string, entries: readonly TarEntry[], message: RegExp])[] = [
  ['an absolute path', [file('/etc/passwd')], /absolute path/],
  ['a drive', [file('C:\\windows\\x')], /absolute path/],
  ['a path that climbs', [file('a/../../x')], /climbs out/],
  ['a path that climbs with backslashes', [file('a\\..\\..\\x')], /climbs out/],
  ['a link outside', [link('a', '../x')], /points outside/],
  ['a link outside from a folder', [link('d/a', '../../x')], /points outside/],
  ['an absolute link', [link('a', '/etc')], /is absolute/],
  ['a link outside with backslashes', [link('a', '..\\x')], /points outside/],
  ['a link down and up again', [link('p/q/l', '../..'), link('m', 'p/q/l/..')], /down and up again/],
  ['a file through a link', [{ name: 'd', type: 'directory' }, link('l', 'd'), file('l/x')], /leads through "l"/],
  ['a file through a link of another case', [{ name: 'd', type: 'directory' }, link('L', 'd'), file('l/x')], /differ only in case/],
  ['a folder made a link later', [file('d/x'), link('d', 'e')], /twice/],
  ['a file made a link later', [file('a'), link('a', 'b')], /twice/],
  ['a link made a file later', [link('a', 'b'), file('a')], /twice/],
  ['the same file twice', [file('a', '1'), file('./a', '2')], /twice/],
  ['a file through a file', [file('a'), file('a/b')], /leads through "a"/],
  ['a hard link outside', [file('a'), { name: 'b', type: 'link', linkname: '../../etc/passwd' }], /climbs out/],
  ['an absolute hard link', [file('a'), { name: 'b', type: 'link', linkname: '/etc/passwd' }], /absolute/],
  ['a hard link to a link', [file('a'), link('l', 'a'), { name: 'b', type: 'link', linkname: 'l' }], /no file before it/],
  ['a hard link to nothing', [file('a'), { name: 'b', type: 'link', linkname: 'c' }], /no file before it/],
  ['a device', [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }], /neither a file/],
  ['a pipe', [{ name: 'pipe', type: 'fifo' }], /neither a file/],
  ['a path that is too long', [file(`${'a/'.repeat(600)}x`)], /longer than 1024/],
  ['a name that is too long', [file('a'.repeat(300))], /longer than 255/],
  ['nothing in it', [], /no file in it/],
  ['only folders in it', [{ name: 'a', type: 'directory' }], /no file in it/],
];

describe('unpacking an archive', () => {
  it.each(hostile)('given %s, when it is unpacked or checked, then it is refused and nothing is left', async (_, entries, message) => {
    const bytes = await tarOf(...entries);
    const dir = await scratch();
    const refusal = { code: 'bad_archive', retryable: false, message: expect.stringMatching(message) as unknown };
    await expect(unpack(stream(gzipSync(bytes)), join(dir, 'out'))).rejects.toMatchObject(refusal);
    await expect(checkArchive(stream(bytes))).rejects.toMatchObject(refusal);
    expect(await readdir(dir)).toEqual([]);
  });

  it('given a tar cut off or changed anywhere, when it is unpacked, then it is refused and nothing is left', async () => {
    const dir = await scratch();
    const tar = await tarOf(file('a', 'a'.repeat(700)), file('b', 'b'.repeat(2_000)));
    const zipped = gzipSync(tar);
    const broken = Buffer.from(tar);
    broken.write('9', 1_536 + 140);
    const cut = [0, 1, 511, 512, 1_536, 1_700, 2_048, tar.length - 1_024, tar.length - 512].map((length) => tar.subarray(0, length));
    const cutZip = [1, 10, 40, zipped.length - 9, zipped.length - 1].map((length) => zipped.subarray(0, length));
    const damaged = Buffer.from(zipped);
    damaged[zipped.length - 6] = (damaged[zipped.length - 6] ?? 0) ^ 1;
    for (const bytes of [...cut, ...cutZip, broken, damaged, Buffer.from('PK\u0003\u0004 not a tar'), Buffer.alloc(600, 'x')]) {
      await expect(unpack(stream(bytes), join(dir, 'out')), `${bytes.length} bytes`).rejects.toMatchObject({ code: 'bad_archive' });
    }
    expect(await readdir(dir)).toEqual([]);
  });

  it('given an archive that unpacks without end, when a limit is passed, then it is refused long before the end', async () => {
    let given = 0;
    const zeros = gzipSync(Buffer.alloc(1024 ** 2));
    const header = (await tarOf({ name: 'big', content: 'x' })).subarray(0, 512);
    header.write('77777777777 ', 124);
    header.write('        ', 148);
    header.write(`${[...header].reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
    const endless = async function* (): AsyncGenerator<Buffer> {
      yield gzipSync(header);
      for (;; given++) yield zeros;
    };
    const dir = await scratch();
    await expect(unpack(Readable.from(endless()), join(dir, 'out'))).rejects.toMatchObject({ code: 'bad_archive', message: expect.stringContaining('200 times') as unknown });
    expect(given).toBeLessThan(200);
    await expect(unpack(Readable.from(endless()), join(dir, 'out'), { maxBytes: 5_000_000 })).rejects.toMatchObject({ message: expect.stringContaining('5000000 bytes') as unknown });
    await expect(unpack(stream(await tarOf(file('a'), file('b'), file('c'))), join(dir, 'out'), { maxEntries: 2 })).rejects.toMatchObject({ message: expect.stringContaining('2 entries') as unknown });
    expect(await readdir(dir)).toEqual([]);
  });

  it('given links and hard links that stay inside, when it is unpacked, then they are there', async () => {
    const dir = join(await scratch(), 'out');
    const entries = [file('bin/run', 'r'), link('bin/up', '../lib/x'), link('here', '.'), { name: 'copy', type: 'link', linkname: './bin/run' } as const];
    await unpack(stream(await tarOf({ name: './', type: 'directory' }, ...entries)), dir);
    expect(await treeOf(dir)).toEqual({ 'bin/run': 'r', 'bin/up': '-> ../lib/x', copy: 'r', here: '-> .' });
  });

  it('given archives that GNU tar made, when they are unpacked, then the tree is the same', async () => {
    const tree = { 'a/b.txt': 'text', [`deep/${'n'.repeat(180)}`]: 'long', 'a/l': '-> b.txt', empty: null };
    const [from, to] = [await lay(await scratch(), tree), await scratch()];
    for (const [index, format] of ['gnu', 'pax', 'ustar'].entries()) {
      if (format === 'ustar') continue;
      execFileSync('tar', ['-C', from, `--format=${format}`, '-czf', join(to, 'x.tgz'), '.']);
      const { createReadStream } = await import('node:fs');
      await unpack(createReadStream(join(to, 'x.tgz')), join(to, String(index)));
      expect(await treeOf(join(to, String(index)))).toEqual(tree);
    }
  });

  it('given an empty folder in its place, when it is unpacked, then it is used; given a full one, then it is left alone', async () => {
    const dir = await scratch();
    await mkdir(join(dir, 'empty'));
    await lay(dir, { 'full/mine': 'kept' });
    const bytes = await tarOf(file('a'));
    await unpack(stream(bytes), join(dir, 'empty'));
    await expect(unpack(stream(bytes), join(dir, 'full'))).rejects.toMatchObject({ code: 'folder_not_empty' });
    expect(await treeOf(dir)).toEqual({ 'empty/a': 'x', 'full/mine': 'kept' });
  });

  it('given a source that fails on the way, when it is unpacked, then its own error comes through and nothing is left', async () => {
    const bytes = await tarOf(file('a', 'a'.repeat(5_000)));
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield bytes.subarray(0, 2_000);
      throw new RetryableError('broker_gone', 'The broker went away.');
    };
    const dir = await scratch();
    await expect(unpack(Readable.from(failing()), join(dir, 'out'))).rejects.toMatchObject({ code: 'broker_gone', retryable: true });
    const dead = new Readable({ read() { this.destroy(new Error('socket')); } });
    await expect(unpack(dead, join(dir, 'out'))).rejects.toThrow('socket');
    expect(await readdir(dir)).toEqual([]);
  });
});
