#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addBuild } from './commands/build.ts';
import { addDead } from './commands/dead.ts';
import { addDev } from './commands/dev.ts';
import { addDoctor } from './commands/doctor.ts';
import { addHistory } from './commands/history.ts';
import { addLogs } from './commands/logs.ts';
import { addLs } from './commands/ls.ts';
import { addControls, addSend } from './commands/send.ts';
import { addServer } from './commands/server.ts';
import { addShow } from './commands/show.ts';
import { addWorker } from './commands/worker.ts';
import { exitCodeOf, exitCodes } from './exit.ts';
import { addGlobals } from './globals.ts';
import { addHelp, usageError, wantsJson } from './help.ts';
import { interrupt } from './interrupt.ts';
import { printError } from './print.ts';

const program = addHelp(addGlobals(new Command('millrace')));

for (const add of [addDev, addServer, addWorker, addBuild, addSend, addControls, addLs, addShow, addHistory, addLogs, addAudit, addDead, addDoctor]) add(program);

// A reader that goes away, such as `head` or a closed terminal, ends us quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  if (!interrupt()) process.exit(exitCodes.ok);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = exitCodes.ok;
  else {
    printError(error instanceof CommanderError ? usageError(error) : error, wantsJson(process.argv) ? 'json' : 'text');
    process.exitCode = error instanceof CommanderError ? exitCodes.usage : exitCodeOf(error);
  }
}

// Everything is done and closed: a timer that nobody waits for any more must not keep us.
process.stdout.write('', () => process.exit());
