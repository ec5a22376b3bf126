// `npm test`: sets the clone up, then lint, types and every kind of test. Further arguments go to
// vitest. All three run even when one fails; the exit code is 0 only when none did.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

/** Everything the tests start has this in its environment, so that nothing of it outlives us, even when vitest is killed. */
const mark = { name: 'MILLRACE_TEST_RUN', value: randomUUID() };

await setup();
const steps = [
  { name: 'lint', file: 'node_modules/oxlint/bin/oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', file: 'node_modules/typescript/bin/tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the page', file: 'node_modules/typescript/bin/tsc', args: ['--noEmit', '-p', 'src/console/page'] },
  { name: 'tests', file: 'node_modules/vitest/vitest.mjs', args: ['run', ...process.argv.slice(2)] },
];
const failed = [];
for (const { name, file, args } of steps) {
  process.stdout.write(`\n> ${name}\n`);
  if (await run(file, args) !== 0) failed.push(name);
}
if (failed.length > 0) {
  process.stderr.write(`\nfailed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

/** Gives the tool's exit code. A signal to us goes on to the tool, and ends us once it has gone. */
function run(file, args) {
  // Whatever the machine says, tests run as tests: libraries have other builds for production.
  const env = { ...process.env, NODE_ENV: 'test', [mark.name]: mark.value };
  const child = spawn(process.execPath, [join(root, file), ...args], { cwd: root, env, stdio: 'inherit' });
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [signal, () => {
    // A terminal sends its Ctrl-C to the tool as well.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    child.once('exit', () => { endStrays(); process.exit(1); });
  }]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
      if (code === null) endStrays();
      resolve(code ?? 1);
    });
  });
}

/** vitest ends what its tests left behind; this is for when it could not. Where there is no /proc it finds nothing. */
function endStrays() {
  if (!existsSync('/proc/self/environ')) return;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (readFileSync(`/proc/${name}/environ`, 'latin1').includes(`${mark.name}=${mark.value}`)) process.kill(Number(name), 'SIGKILL');
    } catch {
      // It is not ours, or has gone by itself.
    }
  }
}
