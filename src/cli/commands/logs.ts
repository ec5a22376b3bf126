import type { Command } from 'commander';
import type { Millrace } from '../../connect.ts';
import { parseActor } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { OutputLine } from '../../runtime/ports/output.ts';
import { followActor } from '../follow.ts';
import { globalsOf, withMillrace, type Globals } from '../globals.ts';
import { untilInterrupted } from '../interrupt.ts';
import { definitionFor } from '../machines.ts';
import { aside, jsonLine, line, time } from '../print.ts';

export function addLogs(program: Command): void {
  program
    .command('logs <actor>')
    .description('what a build printed')
    .option('-f, --follow', 'go on as it prints, until it has ended', false)
    .action(async (name: string, options: { follow: boolean }, self: Command) => {
      const globals = globalsOf(self);
      const { actor } = parseActor(name);
      const definition = options.follow ? await definitionFor(globals, actor) : undefined;
      await withMillrace(globals, async (millrace) => {
        // Silence would look the same for a name that was mistyped.
        await millrace.history(actor);
        const print = printer(globals);
        if (definition === undefined) return tellStored(millrace, actor, print);
        await followActor(millrace, definition, actor, { record: () => undefined, printed: print, end: () => undefined }, untilInterrupted());
      });
    });
}

async function tellStored({ output }: Millrace, actor: ActorName, print: (line: OutputLine) => void): Promise<void> {
  let lines = 0;
  for await (const printed of output.read(actor, { follow: false, signal: untilInterrupted() })) {
    lines++;
    print(printed);
  }
  if (lines === 0) aside(`${actor} has printed nothing`);
}

const printer = (globals: Globals) => (printed: OutputLine): void => {
  if (globals.output === 'json') jsonLine({ ...printed, at: time(printed.at) });
  else line(`${printed.source.padEnd(21)}  ${printed.text}`);
};
