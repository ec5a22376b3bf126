// `npm run build`: what Node runs and what the console's page loads, compiled to `dist`. No network.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'src/console/page';

/** What the compiler had to say; undefined when all went well. */
export function compile() {
  for (const project of ['tsconfig.build.json', page]) {
    const failure = run('typescript/bin/tsc', ['-p', project]);
    if (failure !== undefined) return failure;
  }
  const isServedAsItIs = (path) => !/\.(ts|json)$/.test(path);
  mkdirSync(join(root, 'dist', page), { recursive: true });
  cpSync(join(root, page), join(root, 'dist', page), { recursive: true, filter: isServedAsItIs });
  // One script: a browser that is sent for thirty modules shows the first screen a third of a second later.
  return run('rolldown/bin/cli.mjs', [`dist/${page}/main.js`, '--file', `dist/${page}/page.js`, '--format', 'esm', '--sourcemap']);
}

/** What a tool had to say that failed. */
function run(tool, args) {
  const { status, error, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return status === 0 ? undefined : `${tool} ${args.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}\n${stdout ?? ''}${stderr ?? ''}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failure = compile();
  if (failure !== undefined) process.stderr.write(failure);
  process.exitCode = failure === undefined ? 0 : 1;
}
