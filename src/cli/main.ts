#!/usr/bin/env node
import { Command } from 'commander';
import { addAudit } from './commands/audit/audit.ts';
import { addBuild } from './commands/build.ts';
import { addChart } from './commands/chart.ts';
import { addConsole } from './commands/console.ts';
import { addDead } from './commands/dead.ts';
import { addDev } from './commands/dev.ts';
import { addDoctor } from './commands/doctor.ts';
import { addHistory } from './commands/history.ts';
import { addInspect } from './commands/inspect.ts';
import { addLock } from './commands/lock.ts';
import { addLogs } from './commands/logs.ts';
import { addLs } from './commands/ls.ts';
import { addControls, addSend } from './commands/send.ts';
import { addPromiseFailure } from './commands/promise-failure.ts';
import { addRun } from './commands/run.ts';
import { addServer } from './commands/server.ts';
import { addShow } from './commands/show.ts';
import { addWorker } from './commands/worker.ts';
import { addGlobals } from './global-options.ts';
import { addHelp } from './help.ts';
import { runProgram } from './run-program.ts';

const program = addHelp(addGlobals(new Command('millrace')));

for (const add of [addDev, addServer, addWorker, addBuild, addRun, addSend, addControls, addLs, addShow, addHistory, addLogs, addAudit, addDead, addDoctor, addPromiseFailure, addChart, addInspect, addConsole, addLock]) add(program);

await runProgram(program);
