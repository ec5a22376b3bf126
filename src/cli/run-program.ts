import { CommanderError, type Command } from 'commander';
import { exitCodeOf, exitCodes } from './exit.ts';
import { usageError, wantsJson } from './help.ts';
import { interrupt } from './interrupt.ts';
import { printError } from './print.ts';

/** The command line, from its words to its exit code. */
export async function runProgram(program: Command): Promise<void> {
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
}
