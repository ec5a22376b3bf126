#!/usr/bin/env node
import { Command } from 'commander';
import { addCommands } from './commands/commands.ts';
import { addGlobals } from './global-options.ts';
import { addHelp } from './help.ts';
import { runProgram } from './run-program.ts';

const program = addHelp(addGlobals(new Command('millrace')));
await addCommands(program, process.argv.slice(2));
await runProgram(program);
