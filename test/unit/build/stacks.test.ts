import { describe, expect, test } from 'vitest';
import { parseProjectFile } from '../../../src/machines/build/config/toml.ts';
import { detectStack, type Stack } from '../../../src/machines/build/stacks/detect.ts';
import { insidePath } from '../../../src/machines/build/stacks/path.ts';

type Files = Readonly<Record<string, string>>;

const detect = (files: Files, toml = ''): Stack =>
  detectStack({ has: (name) => files[name] !== undefined, text: (name) => files[name] }, parseProjectFile(toml).build);
const web = (command: string, ports: number[] = []) => ({ web: { command, ports } });
const pip = 'python3 -m pip install --disable-pip-version-check --target vendor';
const go = 'mkdir -p dist && go build -trimpath -o dist/ ./...';
const docker = 'docker build --output type=local,dest=dist .';

describe('given a source', () => {
  test.each<[string, Files, Stack]>([
    ['a Node program with a lock and scripts', { 'package.json': '{"scripts":{"build":"tsc","start":"node a"}}', 'package-lock.json': '' },
      { stack: 'node', command: 'npm ci && npm run build', artifact: '.', services: web('npm start') }],
    ['a Node program of pnpm', { 'package.json': '{"scripts":{"build":"x"}}', 'pnpm-lock.yaml': '' },
      { stack: 'node', command: 'pnpm install --frozen-lockfile && pnpm run build', artifact: '.', services: {} }],
    ['a Node program of yarn', { 'package.json': '{}', 'yarn.lock': '', 'index.js': '' },
      { stack: 'node', command: 'yarn install --frozen-lockfile && node --check index.js', artifact: '.', services: web('node index.js') }],
    ['a Node program with packages and no lock', { 'package.json': '{"dependencies":{"a":"1"},"main":"m.js"}', 'm.js': '' },
      { stack: 'node', command: 'npm install --no-audit --no-fund && node --check m.js', artifact: '.', services: web('node m.js') }],
    ['a Go program', { 'go.mod': 'module example.org/mill/v2\n\ngo 1.24\n', 'main.go': '' }, { stack: 'go', command: go, artifact: 'dist', services: web('./mill') }],
    ['Go commands', { 'go.mod': 'module example.org/mill\n' }, { stack: 'go', command: go, artifact: 'dist', services: {} }],
    ['a Python program', { 'requirements.txt': '', 'app.py': '' },
      { stack: 'python', command: `${pip} -r requirements.txt && python3 -m compileall -q .`, artifact: '.', services: web('PYTHONPATH=vendor python3 app.py') }],
    ['a Python package', { 'pyproject.toml': '', 'manage.py': '' },
      { stack: 'python', command: `${pip} . && python3 -m compileall -q .`, artifact: '.', services: web('PYTHONPATH=vendor python3 manage.py runserver') }],
    ['a Rust program', { 'Cargo.toml': '[package]\nname = "mill"\n', 'Cargo.lock': '' },
      { stack: 'rust', command: 'cargo install --path . --locked --root dist --no-track', artifact: 'dist', services: web('./bin/mill') }],
    ['a Makefile', { makefile: 'all:\n' }, { stack: 'make', command: 'make', artifact: '.', services: {} }],
    ['a Dockerfile of two stages', { Dockerfile: 'FROM a\nCMD x\nEXPOSE 1\nFROM b\n# EXPOSE 2\nEXPOSE 80 443/tcp\nENTRYPOINT ["/mill", "a b"]\nCMD ["--go", \\\n "it\'s"]\n' },
      { stack: 'dockerfile', command: docker, artifact: 'dist', services: web(`/mill 'a b' --go 'it'\\''s'`, [80, 443]) }],
    ['a Dockerfile that runs nothing', { Dockerfile: 'FROM scratch\nCOPY . .\n' }, { stack: 'dockerfile', command: docker, artifact: 'dist', services: {} }],
    ['a page', { 'index.html': '<p>' }, { stack: 'static', command: 'test -s index.html', artifact: '.', services: web('python3 -m http.server "${PORT:-8080}"') }],
  ])('when it is %s, then that is how it is built', (_what, files, stack) => {
    expect(detect(files)).toEqual(stack);
  });

  test('when several fit, then the language goes before what wraps it', () => {
    const all = { 'index.html': '', Dockerfile: 'FROM a\n', Makefile: '', 'Cargo.toml': '[package]\nname="a"', 'requirements.txt': '', 'go.mod': 'module a', 'package.json': '{}' };
    const order: string[] = [];
    for (let files: Files = all; Object.keys(files).length > 0;) {
      const { stack } = detect(files);
      order.push(stack);
      const { [Object.keys(files).at(-1) ?? '']: _taken, ...rest } = files;
      files = rest;
    }
    expect(order).toEqual(['node', 'go', 'python', 'rust', 'make', 'dockerfile', 'static']);
  });

  test('when millrace.toml says how, then it does what that says', () => {
    expect(detect({ Makefile: '', 'package.json': '{}' }, '[build]\nstack = "make"\nartifact = "./out//bin/"')).toMatchObject({ stack: 'make', command: 'make', artifact: 'out/bin' });
    expect(detect({ Makefile: '' }, '[build]\ncommand = "make world"')).toMatchObject({ stack: 'make', command: 'make world', artifact: '.' });
    expect(detect({}, '[build]\ncommand = "./build.sh"')).toEqual({ stack: 'custom', command: './build.sh', artifact: '.', services: {} });
    expect(detect({ 'package.json': 'broken' }, '[build]\ncommand = "a"\nartifact = "b"')).toMatchObject({ stack: 'custom', command: 'a', artifact: 'b' });
  });

  test('when nothing fits, then the error names all it looked for and what to add', () => {
    expect(() => detect({ 'notes.txt': '' })).toThrow(expect.objectContaining({
      code: 'no_stack', retryable: false,
      message: expect.stringMatching(/package\.json.*go\.mod.*requirements\.txt.*Cargo\.toml.*Makefile.*Dockerfile.*index\.html/),
      hint: expect.stringContaining('[build] command'),
    }));
  });

  test.each<[Files, string, string]>([
    [{ 'package.json': '{"scripts":' }, '', 'bad_package_json'], [{ 'package.json': '[]' }, '', 'bad_package_json'],
    [{ 'Cargo.toml': '[workspace]' }, '', 'bad_cargo_toml'], [{ Makefile: '' }, '[build]\nstack = "go"', 'stack_mismatch'],
    [{ Makefile: '' }, '[build]\nartifact = "../x"', 'unsafe_artifact'],
    [{ Dockerfile: 'FROM a\nCMD run --key AKIAABCDEFGHIJKLMNOP\n' }, '', 'secret_in_config'],
  ])('when it is %j with %j, then it is refused with %s', (files, toml, code) => {
    expect(() => detect(files, toml)).toThrow(expect.objectContaining({ code, hint: expect.any(String) }));
  });
});

describe('given an artifact path', () => {
  test.each([['dist', 'dist'], ['./dist/', 'dist'], ['.', '.'], ['./', '.'], ['a/./b', 'a/b'], ['..a', '..a']])('when it is %j, then it means %j', (path, plain) => {
    expect(insidePath(path)).toBe(plain);
  });
  test.each(['', ' ', '/etc', '..', 'a/../../b', 'a/..', 'a\\..\\b', '~/x', 'C:/x', 'a\0b', 'a\nb'])('when it is %j, then it is refused', (path) => {
    expect(() => insidePath(path)).toThrow(expect.objectContaining({ code: 'unsafe_artifact' }));
  });
});
