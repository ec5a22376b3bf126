import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Row { readonly id: string; readonly file: string; readonly test: string }

/** `| A7.1 | what | [name](../file) | the test's name |`; without a file the last cell says why not. */
const rows = readFileSync('docs/scenarios.md', 'utf8').split('\n').filter((line) => /^\| [AB]7\.\d+ /.test(line)).map((line): Row => {
  const [, id = '', , link = '', name = ''] = line.split('|').map((cell) => cell.trim());
  return { id, file: /\(([^)]*)\)/.exec(link)?.[1] ?? '', test: name };
});

test('given the scenarios of sagas and of control, when they are listed, then none is missing, and what is left out says why', () => {
  const ids = new Set(rows.map(({ id }) => id));
  const wanted = [...Array.from({ length: 22 }, (_, index) => `A7.${index + 1}`), ...Array.from({ length: 24 }, (_, index) => `B7.${index + 1}`)];
  expect(wanted.filter((id) => !ids.has(id))).toEqual([]);
  for (const row of rows.filter(({ file }) => file === '')) expect(row.test).toMatch(/^left out: .{20}/);
});

test.each(rows.filter(({ file }) => file !== ''))('given $id in the list, when its test is looked for in $file, then it is there by that name', ({ file, test: name }) => {
  const source = readFileSync(join('docs', file), 'utf8').replaceAll("\\'", "'");
  expect(source).toContain(name);
});

test('given the list of invariants, when the tests it names are looked for, then every file is there', () => {
  const named = [...readFileSync('docs/invariants.md', 'utf8').matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});
