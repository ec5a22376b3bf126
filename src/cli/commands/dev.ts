import { resolve } from 'node:path';
import type { Command } from 'commander';
import { identitiesFrom } from '../../adapters/nats/identity/identities.ts';
import { jobKey } from '../../adapters/job/key.ts';
import { startServer, type RunningServer } from '../../adapters/nats/server/launch.ts';
import { stopLocalRuns } from '../../adapters/runners/process/stop-local.ts';
import type { ConsoleServer } from '../../console/server/server.ts';
import { connect, type Millrace } from '../../connect.ts';
import type { Definition } from '../../kernel/definition.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { standardMachines } from '../../standard.ts';
import { buildExample } from '../example.ts';
import { globalsOf, type Globals } from '../globals.ts';
import { untilInterrupted } from '../interrupt.ts';
import { workerLogger } from '../logger.ts';
import { loadMachines } from '../machines.ts';
import { aside, jsonLine, line } from '../print.ts';
import { addressLine, loopbackReach, serveConsole, type Reach } from '../serve-console.ts';
import { consolePort } from './console.ts';
import { portOf, untilEnded } from './server.ts';

export function addDev(program: Command): void {
  program
    .command('dev')
    .description('nats-server, worker and console in one, until interrupted')
    .option('--port <n>', "the server's port; a free one when not given")
    .option('--console-port <port>', 'of the console (default: 7373, or a free one when that is taken)')
    .option('--example <folder>', 'build this folder first; without a terminal, exit when it is done')
    .action(async (options: { port?: string; consolePort?: string; example?: string }, self: Command) => {
      const globals = globalsOf(self);
      if (globals.server !== undefined || globals.context !== undefined) {
        throw new TerminalError('bad_option', '`dev` runs a server of its own', { hint: 'leave out --server and --context, or use `millrace worker` on that server' });
      }
      const reach = loopbackReach(consolePort(options.consolePort));
      const interrupted = untilInterrupted();
      const own = await loadMachines(globals);
      const server = await startServer({ dataDir: globals.data, port: portOf(options.port), jobIssuer: jobKey(globals.data).publicKey, note: aside });
      try {
        await withWorker(globals, server, own, async (millrace) => {
          const page = await serveConsole(globals, millrace, reach);
          try {
            tellPlaces(globals, server, page, reach);
            await Promise.race([untilEnded(server, interrupted), work(globals, millrace, server, page, options.example, interrupted)]);
          } finally {
            await page.close();
          }
        });
      } finally {
        await server.stop();
      }
    });
}

/** A worker of this process on this server, while the work lasts; its local builds end with it. */
async function withWorker(globals: Globals, server: RunningServer, own: readonly Definition[], work: (millrace: Millrace) => Promise<void>): Promise<void> {
  const logger = workerLogger();
  const millrace = await connect({ servers: server.url, prefix: globals.prefix, logger });
  const standard = standardMachines({ millrace, dataDir: globals.data, logger });
  try {
    const worker = await millrace.worker({ machines: [...standard.machines, ...own], identities: identitiesFrom(process.env) });
    try {
      await work(millrace);
    } finally {
      await worker.stop();
    }
  } finally {
    await stopLocalRuns(globals.data);
    standard.close();
    await millrace.close();
  }
}

async function work(globals: Globals, millrace: Millrace, server: RunningServer, page: ConsoleServer, example: string | undefined, interrupted: AbortSignal): Promise<void> {
  if (example !== undefined) await buildExample(globals, millrace, resolve(example), interrupted);
  if (interrupted.aborted || (example !== undefined && process.stdout.isTTY !== true)) return;
  if (globals.output === 'text') line(`\nlook at it on ${page.url}\nrunning until interrupted (Ctrl-C)`);
  await untilEnded(server, interrupted);
}

function tellPlaces({ data, output }: Globals, { url, version }: RunningServer, page: ConsoleServer, reach: Reach): void {
  if (output === 'json') return jsonLine({ url, console: page.url, version, pid: process.pid, data });
  line(`console      ${addressLine(page, reach)}`);
  line(`nats-server  ${version} on ${url}, every write fsynced`);
  line(`worker       in this process, pid ${process.pid}`);
  line(`data         ${data}`);
}
