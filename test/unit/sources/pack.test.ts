import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, readdir, readlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packDirectory } from '../../../src/adapters/sources/pack.ts';
import { unpack } from '../../../src/adapters/sources/unpack.ts';
import { bytesOf, lay, scratch, treeOf } from './support/archives.ts';

describe('packing a folder', () => {
  it('given the same content laid out twice with other times, modes and in another order, when both are packed, then the bytes are the same', async () => {
    const one = await lay(await scratch(), { 'b.txt': 'b', 'a/x.txt': 'x', 'a-b': 'y', empty: null, link: '-> a/x.txt' });
    const two = await lay(await scratch(), { link: '-> a/x.txt', 'a-b': 'y', empty: null, 'a/x.txt': 'x', 'b.txt': 'b' });
    await utimes(join(two, 'b.txt'), 1, 1);
    await chmod(join(two, 'b.txt'), 0o600);
    const [first, second] = [await bytesOf(packDirectory(one)), await bytesOf(packDirectory(two))];
    expect(first.equals(second)).toBe(true);
    expect([...first.subarray(4, 10)]).toEqual([0, 0, 0, 0, 0, 255]);
  });

  it('given an executable, an empty folder, long and non-ASCII names and inner links, when it is packed and unpacked, then the tree is the same', async () => {
    const long = `${'d'.repeat(120)}/${'f'.repeat(200)}.txt`;
    const tree = { [long]: 'long', 'ä/ö.txt': 'ü', empty: null, 'run.sh': '#!/bin/sh', 'a/up': '-> ../run.sh', big: 'x'.repeat(300_000), nothing: '', gone: '-> nowhere' };
    const from = await lay(await scratch(), tree);
    await chmod(join(from, 'run.sh'), 0o711);
    const to = join(await scratch(), 'out');
    await unpack(packDirectory(from), to);
    expect(await treeOf(to)).toEqual(tree);
    expect(execFileSync('sh', ['-c', 'test -x run.sh && test ! -x big && echo yes'], { cwd: to, encoding: 'utf8' })).toBe('yes\n');
  });

  it('given what a source does not need, when it is packed, then it is left out, and .millraceignore adds to it and takes back', async () => {
    const ignore = '# built\n*.log\n/out/\ndocs/**/draft.md\n!node_modules\n!keep.log\n';
    const dir = await lay(await scratch(), {
      '.millraceignore': ignore, '.git/HEAD': 'ref', '.millrace/data': 'd', 'node_modules/x/index.js': 'x', 'a/.git': 'file',
      'a.log': '', 'sub/b.log': '', 'keep.log': '', 'out/o': '', 'sub/out/o': '', 'docs/draft.md': '', 'docs/a/b/draft.md': '', 'docs/final.md': '',
    });
    const to = join(await scratch(), 'out');
    await unpack(packDirectory(dir), to);
    expect(Object.keys(await treeOf(to))).toEqual(['.millraceignore', 'a', 'docs/a/b', 'docs/final.md', 'keep.log', 'node_modules/x/index.js', 'sub/out/o']);
  });

  it('given an artifact, when it is packed whole, then nothing is left out', async () => {
    const tree = { '.millraceignore': '*', 'node_modules/x/index.js': 'x', 'server.js': 's' };
    const to = join(await scratch(), 'out');
    await unpack(packDirectory(await lay(await scratch(), tree), { whole: true }), to);
    expect(await treeOf(to)).toEqual(tree);
  });

  it.each([
    ['a link that points outside', { 'a.txt': '', 'a/out': '-> ../../etc' }, 'unpackable', /"a\/out" -> "..\/..\/etc" points outside/],
    ['an absolute link', { 'a.txt': '', out: '-> /etc/passwd' }, 'unpackable', /is absolute/],
    ['an empty folder', {}, 'empty_source', /nothing to pack/],
    ['only ignored files', { '.git/HEAD': 'x', sub: null }, 'empty_source', /nothing to pack/],
  ])('given %s, when it is packed, then the stream fails and says so', async (_, tree, code, message) => {
    const dir = await lay(await scratch(), tree);
    await expect(bytesOf(packDirectory(dir))).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown });
  });

  it('given a pipe among the files, when it is packed, then it is refused instead of waited for', async () => {
    const dir = await lay(await scratch(), { 'a.txt': '' });
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    await expect(bytesOf(packDirectory(dir))).rejects.toMatchObject({ code: 'unpackable' });
  });

  it('given more than the limits allow, when it is packed, then it is refused before it is stored', async () => {
    const dir = await lay(await scratch(), { a: 'x'.repeat(5_000), b: '' });
    await expect(bytesOf(packDirectory(dir, { maxEntries: 1 }))).rejects.toMatchObject({ code: 'source_too_large' });
    await expect(bytesOf(packDirectory(dir, { maxBytes: 4_000 }))).rejects.toMatchObject({ code: 'source_too_large' });
  });

  it('given a reader that stops early, when it does, then packing ends and no file stays open', async () => {
    const dir = await lay(await scratch(), { a: randomBytes(1_500_000).toString('hex'), b: 'b' });
    const packed = packDirectory(dir);
    for await (const _ of packed) break;
    const open = async (): Promise<number> => {
      const fds = await readdir('/proc/self/fd').catch(() => []);
      const files = await Promise.all(fds.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
      return files.filter((file) => file.startsWith(dir)).length;
    };
    await expect.poll(open).toBe(0);
  });
});
