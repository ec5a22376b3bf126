// `npm test`: sets the clone up, then lint, types and every kind of test. Further arguments go to
// vitest. All three run even when one fails; the exit code is 0 only when none did.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

await setup();
const steps = [
  ['lint', 'node_modules/oxlint/bin/oxlint', ['--type-aware', '--deny-warnings']],
  ['types', 'node_modules/typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.json']],
  ['tests', 'node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]],
];
const failed = steps.filter(([name, file, args]) => {
  process.stdout.write(`\n> ${name}\n`);
  // Whatever the machine says, tests run as tests: libraries have other builds for production.
  const env = { ...process.env, NODE_ENV: 'test' };
  return spawnSync(process.execPath, [join(root, file), ...args], { cwd: root, env, stdio: 'inherit' }).status !== 0;
}).map(([name]) => name);
if (failed.length > 0) {
  process.stderr.write(`\nfailed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
