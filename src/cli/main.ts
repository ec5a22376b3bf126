#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addBuild } from './commands/build.ts';
import { addDead } from './commands/dead.ts';
import { addDev } from './commands/dev.ts';
import { addHistory } from './commands/history.ts';
import { addLogs } from './commands/logs.ts';
import { addLs } from './commands/ls.ts';
import { addControls, addSend } from './commands/send.ts';
import { addServer } from './commands/server.ts';
import { addShow } from './commands/show.ts';
import { addWorker } from './commands/worker.ts';
import { exitCodeOf, exitCodes } from './exit.ts';
import { addGlobals } from './globals.ts';
import { printError } from './print.ts';

const program = addGlobals(new Command('millrace'))
  .description('An event-sourced actor system for builds: XState statecharts decide, NATS JetStream remembers.')
  .showHelpAfterError('see millrace --help')
  .exitOverride();

for (const add of [addDev, addServer, addWorker, addBuild, addSend, addControls, addLs, addShow, addHistory, addLogs, addAudit, addDead]) add(program);

// A reader that goes away, such as `head`, ends us quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  else {
    printError(error, process.argv.some((argument, i) => argument === '-ojson' || argument === '--output=json' || (argument === 'json' && ['-o', '--output'].includes(process.argv[i - 1] ?? ''))) ? 'json' : 'text');
    process.exitCode = exitCodeOf(error);
  }
}
