// `npm run simulate`: compiles the simulator and runs it; what follows `--` goes to it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compiled, root } from './setup.mjs';

await compiled();
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
process.exitCode = run(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'test/simulator/tsconfig.json')
  || run(join(root, 'dist/simulator/test/simulator/main.js'), ...process.argv.slice(2));
