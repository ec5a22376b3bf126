import { Command } from 'commander';
import { addPromiseFailure } from './commands/promise-failure.ts';
import { addGlobals } from './global-options.ts';
import { addHelp } from './help.ts';
import { runProgram } from './run-program.ts';

/*
 * The command line with `promise-failure` alone, for the `millrace` on a job's PATH: a test suite may call it
 * thousands of times, and loading the other commands takes longer than the call.
 */
const program = addHelp(addGlobals(new Command('millrace')));
addPromiseFailure(program);
await runProgram(program);
