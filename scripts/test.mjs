// `npm test`: sets the clone up, then lint, types and every kind of test. Further arguments go to
// vitest. All three run even when one fails; the exit code is 0 only when none did.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

await setup();
const steps = [
  { name: 'lint', file: 'node_modules/oxlint/bin/oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', file: 'node_modules/typescript/bin/tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'tests', file: 'node_modules/vitest/vitest.mjs', args: ['run', ...process.argv.slice(2)] },
];
// Whatever the machine says, tests run as tests: libraries have other builds for production.
const env = { ...process.env, NODE_ENV: 'test' };
const failed = steps.filter(({ name, file, args }) => {
  process.stdout.write(`\n> ${name}\n`);
  return spawnSync(process.execPath, [join(root, file), ...args], { cwd: root, env, stdio: 'inherit' }).status !== 0;
}).map(({ name }) => name);
if (failed.length > 0) {
  process.stderr.write(`\nfailed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
