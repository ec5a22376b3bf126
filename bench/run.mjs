// `npm run bench`: compiles what is to be measured and runs it, so that no loader is measured with it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from '../scripts/setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await setup();
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
process.exitCode = run(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'bench/tsconfig.json') || run(join(root, 'dist/bench/main.js'), ...process.argv.slice(2));
