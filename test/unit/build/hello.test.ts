import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseProcfile } from '../../../src/machines/build/config/procfile.ts';
import { parseProjectFile } from '../../../src/machines/build/config/toml.ts';
import { detectStack } from '../../../src/machines/build/stacks/detect.ts';

let dir: string;
const file = (name: string): string => join(dir, name);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace hello-'));
  cpSync(fileURLToPath(new URL('../../../examples/hello', import.meta.url)), dir, { recursive: true });
  rmSync(file('dist'), { recursive: true, force: true });
});
afterEach(() => { rmSync(dir, { recursive: true }); });

function compile() {
  return spawnSync(process.execPath, ['build.mjs'], { cwd: dir, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } });
}

describe('given examples/hello in a folder of its own, with nothing but Node', () => {
  test('when it is built, then it says how far it is, and what it made runs alone', () => {
    const { status, stdout, stderr } = compile();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter((line) => /^\[\d\/5\] /.test(line)).length).toBeGreaterThanOrEqual(9);
    expect(readdirSync(file('dist'))).toEqual(['hello.mjs']);
    const said = execFileSync(process.execPath, [file('dist/hello.mjs'), '--hour', '7', 'Ada'], { encoding: 'utf8' });
    expect(said).toContain('Good morning, Ada! The sluice is open');
    expect(said).toContain('(o)');
  });

  test('when an hour has no greeting, then it does not compile and says where to look', () => {
    const source = readFileSync(file('src/greetings.mill'), 'utf8');
    writeFileSync(file('src/greetings.mill'), source.replace('from 9 to 11', 'from 9 to 10'));
    expect(compile()).toMatchObject({ status: 1, stderr: expect.stringMatching(/^src\/greetings\.mill:\d+:1: nobody greets at hour 11\n$/) });
  });

  test('when a word is unknown, then the place is exact', () => {
    const source = readFileSync(file('src/greetings.mill'), 'utf8');
    writeFileSync(file('src/greetings.mill'), source.replace('Hush, {name}', 'Hush, {nmae}'));
    const line = source.split('\n').findIndex((text) => text.includes('Hush'));
    const column = (source.split('\n')[line] ?? '').indexOf('{name}') + 1;
    expect(compile().stderr).toContain(`src/greetings.mill:${line + 1}:${column}: unknown word {nmae}`);
  });

  test('when Millrace reads it, then it knows how to build it and what to run', () => {
    const names = readdirSync(dir);
    const settings = parseProjectFile(readFileSync(file('millrace.toml'), 'utf8'));
    const stack = detectStack({ has: (name) => names.includes(name), text: (name) => (names.includes(name) ? readFileSync(file(name), 'utf8') : undefined) }, settings.build);
    expect(stack).toMatchObject({ stack: 'node', command: 'node build.mjs', artifact: 'dist' });
    expect(parseProcfile(readFileSync(file('Procfile'), 'utf8'))).toEqual({ hello: 'node hello.mjs' });
  });
});
