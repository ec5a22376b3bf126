import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { startServer } from '../../adapters/nats/server/launch.ts';
import { stopLocalRuns } from '../../adapters/runners/process/stop-local.ts';
import type { Millrace } from '../../connect.ts';
import type { ActorName } from '../../kernel/record.ts';
import { standardMachines } from '../../standard.ts';
import { connect } from '../../connect.ts';
import type { Ending } from '../follow.ts';
import { globalsOf, untilInterrupted, type Globals } from '../globals.ts';
import { workerLogger } from '../logger.ts';
import { loadMachines } from '../machines.ts';
import { line } from '../print.ts';
import { triggerBuild } from '../stage-and-trigger.ts';
import { followBuild, tellEnding } from './build.ts';
import { tellRecord } from './history.ts';
import { aborted, note, portOf } from './server.ts';

export function addDev(program: Command): void {
  program
    .command('dev')
    .description('nats-server and worker in one, until interrupted')
    .option('--port <n>', "the server's port; a free one when not given")
    .option('--example <folder>', 'build this folder first; without a terminal, exit when it is done')
    .action(async (options: { port?: string; example?: string }, self: Command) => {
      const globals = globalsOf(self);
      const interrupted = untilInterrupted();
      const own = await loadMachines(globals);
      const server = await startServer({ dataDir: globals.data, port: portOf(options.port), note });
      try {
        const millrace = await connect({ servers: server.url, prefix: globals.prefix, logger: workerLogger() });
        const standard = standardMachines({ millrace, dataDir: globals.data });
        try {
          const worker = await millrace.worker({ machines: [...standard.machines, ...own] });
          tellPlaces(globals, server.url, server.version);
          if (options.example !== undefined) await buildExample(globals, millrace, options.example, interrupted);
          if (options.example === undefined || process.stdout.isTTY === true) {
            line('running until interrupted (Ctrl-C)');
            await aborted(interrupted);
          }
          await worker.stop();
        } finally {
          await stopLocalRuns(globals.data);
          standard.close();
          await millrace.close();
        }
      } finally {
        await server.stop();
      }
    });
}

function tellPlaces(globals: Globals, url: string, version: string): void {
  line(`nats-server ${version} on ${url}, every write fsynced`);
  line(`data        ${globals.data}`);
  line('');
}

async function buildExample(globals: Globals, millrace: Millrace, folder: string, interrupted: AbortSignal): Promise<void> {
  const app = basename(resolve(folder));
  const { actor, answer } = await triggerBuild(millrace, folder, { app });
  if (!answer.accepted) throw new Error(`${actor} was refused: ${answer.reason}`);
  line(`building ${folder} as ${actor}`);
  const ending = await followBuild(globals, millrace, actor, interrupted);
  line('');
  tellEnding(globals, ending, actor);
  if (ending !== undefined) await explain(globals, millrace, actor, ending);
}

/** The finished build, record by record, and where everything is. */
async function explain(globals: Globals, millrace: Millrace, actor: ActorName, ending: Ending): Promise<void> {
  line('\nits log, the whole truth about it:');
  for (const record of await millrace.history(actor)) tellRecord(globals, record, false);
  const output = ending.output as { output?: { location?: string; version?: string; artifact?: string } } | null;
  line('\nwhere everything is:');
  if (output?.output?.location !== undefined) line(`  release   ${output.output.location}`);
  if (output?.output?.artifact !== undefined) line(`  artifact  sha256 ${output.output.artifact}, in the object store`);
  line(`  data      ${globals.data}`);
  line(`  look      npx millrace show ${actor} · history ${actor} · logs ${actor} · audit verify`);
}
