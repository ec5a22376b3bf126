import { Command, CommanderError } from 'commander';
import { addCommands } from '../../src/cli/commands/commands.ts';
import { exitCodeOf, exitCodes } from '../../src/cli/exit.ts';
import { addGlobals } from '../../src/cli/global-options.ts';
import { addHelp, usageError } from '../../src/cli/help.ts';

/** `millrace --server <server> <args>` in this process, for the many calls of which only the error matters: it, and the exit code it comes to. */
export async function callHere(server: string, args: readonly string[]): Promise<{ readonly error: unknown; readonly code: number }> {
  const program = addHelp(addGlobals(new Command('millrace')));
  await addCommands(program, args);
  try {
    await program.parseAsync(['--server', server, ...args], { from: 'user' });
    return { error: undefined, code: exitCodes.ok };
  } catch (error) {
    if (error instanceof CommanderError) return { error: usageError(error), code: exitCodes.usage };
    return { error, code: exitCodeOf(error) };
  }
}
