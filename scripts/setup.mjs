// What a fresh clone needs before anything runs: packages, compiled sources, a nats-server. Plain
// Node without packages, because it runs before there are any. Does only what is missing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from './compile.mjs';
import { alone } from './lock.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Sets the clone up; ends the process with a clear message when it cannot. */
export async function setup() {
  await compiled();
  const { findServer } = await import(pathToFileURL(join(root, 'dist/src/adapters/nats/server/find.js')).href);
  const start = Date.now();
  try {
    const { from } = await findServer({ note: (line) => process.stderr.write(`setup: ${line}\n`) });
    if (from === 'installed') done('nats-server', start);
  } catch (error) {
    fail(error.hint === undefined ? error.stack : `${error.message}\n${error.hint}`);
  }
}

/** Packages and compiled sources, without the server. */
export async function compiled() {
  checkNode();
  await alone(root, () => {
    stage('dependencies', !isInstalled(), installPackages);
    const sources = sourcesHash();
    stage('compile', readText('dist/.sources') !== sources, () => compileAll(sources));
  });
}

function checkNode() {
  const { engines } = JSON.parse(readText('package.json'));
  const [major, minor] = /(\d+)\.(\d+)/.exec(engines.node).slice(1).map(Number);
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`Millrace needs Node ${engines.node}; this is Node ${process.versions.node}`);
}

function stage(name, needed, work) {
  if (!needed) return;
  const start = Date.now();
  work();
  done(name, start);
}

function done(name, start) {
  process.stderr.write(`setup: ${name} ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
}

/** npm writes down what it installed; every package we pin must be in there, development ones too. */
function isInstalled() {
  const installed = readText('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  const have = JSON.parse(installed).packages;
  const want = JSON.parse(readText('package-lock.json')).packages;
  return Object.entries(want).every(([path, { version, optional, peer }]) =>
    path === '' || optional || (peer && have[path] === undefined) || have[path]?.version === version);
}

function installPackages() {
  // No package here needs its install script: those only try to compile optional speed-ups.
  // --include beats NODE_ENV=production and an omit in the user's settings: compiling needs the compiler.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [file, first] = npm !== undefined && basename(npm) === 'npm-cli.js' ? [process.execPath, [npm]] : ['npm', []];
  quietly('npm ci', file, [...first, ...args]);
}

function compileAll(sources) {
  const failure = compile();
  if (failure !== undefined) fail(failure);
  writeFileSync(join(root, 'dist/.sources'), sources);
}

/** A hash over everything that decides what the compiler writes. */
function sourcesHash() {
  const hash = createHash('sha256');
  const files = ['src', 'examples'].flatMap((folder) => filesIn(folder)).filter((file) => /\.(ts|json|html|css|svg)$/.test(file));
  for (const file of ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...files.toSorted((a, b) => (a < b ? -1 : 1))]) {
    hash.update(`${file}\0`).update(readText(file) ?? '').update('\0');
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(name);
    return entry.isFile() ? [name] : [];
  });
}

/** Shows a command's output only when it fails. */
function quietly(name, file, args) {
  const { status, error, stdout, stderr } = spawnSync(file, args,
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) fail(`${name} failed${error === undefined ? '' : `: ${error.message}`}\n${stdout ?? ''}${stderr ?? ''}`);
}

function readText(file) {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function fail(message) {
  process.stderr.write(`setup: ${message.trimEnd()}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await (process.argv.includes('--compile') ? compiled() : setup());
