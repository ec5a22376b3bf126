import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sourceTree } from '../../../src/adapters/sources/tree.ts';

let root: string;
let dir: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-tree-'));
  dir = join(root, 'source');
  mkdirSync(join(dir, 'sub'), { recursive: true });
  writeFileSync(join(root, 'outside'), 'secret');
  writeFileSync(join(root, 'source-2'), 'secret');
  writeFileSync(join(dir, 'Procfile'), 'web: x\n');
  writeFileSync(join(dir, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
  symlinkSync('../outside', join(dir, 'out'));
  symlinkSync('../source-2', join(dir, 'beside'));
  symlinkSync('Procfile', join(dir, 'in'));
  symlinkSync('nowhere', join(dir, 'dangling'));
  symlinkSync('loop', join(dir, 'loop'));
});
afterAll(() => { rmSync(root, { recursive: true }); });

describe('given an unpacked source', () => {
  test('when it is listed, then the names at its top come sorted, folders marked', async () => {
    expect(await sourceTree.list(dir)).toEqual(['Procfile', 'beside', 'binary', 'dangling', 'in', 'loop', 'out', 'sub/']);
  });

  test.each([['Procfile', 'web: x\n'], ['in', 'web: x\n'], ['none', undefined], ['sub', undefined], ['dangling', undefined], ['Procfile/x', undefined]])('when %s is read, then it is %j', async (path, text) => {
    expect(await sourceTree.read(dir, path, 100)).toBe(text);
  });

  test.each([['out', 'unsafe_link'], ['beside', 'unsafe_link'], ['../outside', 'unsafe_link'], ['loop', 'unsafe_link'], ['binary', 'not_text']])('when %s is read, then it is refused with %s', async (path, code) => {
    await expect(sourceTree.read(dir, path, 100)).rejects.toMatchObject({ code, retryable: false });
  });

  test('when a file is larger than allowed, then it is refused with the figures', async () => {
    await expect(sourceTree.read(dir, 'Procfile', 6)).rejects.toMatchObject({ code: 'file_too_large', message: 'Procfile has 7 bytes; at most 6 are read.' });
  });

  test.skipIf(process.platform === 'win32')('when a pipe stands in for a file, then it is passed over and nothing hangs', async () => {
    execFileSync('mkfifo', [join(dir, 'sub', 'pipe')]);
    expect(await sourceTree.read(dir, 'sub/pipe', 100)).toBeUndefined();
  });
});
