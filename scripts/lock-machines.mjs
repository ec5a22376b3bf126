// `npm run lock`: writes machines.lock.json anew, of Millrace's own machines and the examples'; what follows `--` goes to `millrace lock`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compiled, root } from './setup.mjs';

await compiled();
const args = [join(root, 'dist/src/cli/main.js'), 'lock', '--machines', join(root, 'dist/examples/sandbox/machines.js'), ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
