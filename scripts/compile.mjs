// `npm run build`: what Node runs and what the console's page loads, compiled to `dist`. No network.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'src/console/page';

/** What the compiler had to say; undefined when all went well. */
export function compile() {
  for (const project of ['tsconfig.build.json', page]) {
    const { status, error, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    if (status !== 0) return `tsc -p ${project} failed${error === undefined ? '' : `: ${error.message}`}\n${stdout ?? ''}${stderr ?? ''}`;
  }
  const isServedAsItIs = (path) => !/\.(ts|json)$/.test(path);
  mkdirSync(join(root, 'dist', page), { recursive: true });
  cpSync(join(root, page), join(root, 'dist', page), { recursive: true, filter: isServedAsItIs });
  hintModules();
  return undefined;
}

/** The page names its modules: a browser fetches all of them at once, and not each when another one is found to import it. */
function hintModules() {
  const found = new Set([`${page}/main.js`]);
  for (const module of found) {
    for (const [, path] of readFileSync(join(root, 'dist', module), 'utf8').matchAll(/^(?:import|export) [^'"]*['"](\.[^'"]+)['"]/gm)) found.add(posix.join(posix.dirname(module), path));
  }
  const hints = [...found].map((module) => `<link rel="modulepreload" href="/${module}">\n`).join('');
  const html = join(root, 'dist', page, 'index.html');
  writeFileSync(html, readFileSync(html, 'utf8').replace('</head>', `${hints}</head>`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failure = compile();
  if (failure !== undefined) process.stderr.write(failure);
  process.exitCode = failure === undefined ? 0 : 1;
}
