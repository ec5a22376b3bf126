// `npm start`: sets the clone up, then becomes `millrace dev --example examples/hello`.
// The command line runs in this very process, so that signals and the exit code are its own.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup();
const cli = join(root, 'dist/src/cli/main.js');
process.chdir(root);
process.argv = [process.execPath, cli, 'dev', '--example', 'examples/hello', ...process.argv.slice(2)];
await import(pathToFileURL(cli).href);
