import type { Command } from 'commander';
import { parseActor } from '../../kernel/names.ts';
import { globalsOf, untilInterrupted, withMillrace } from '../globals.ts';
import { jsonLine, line, time } from '../print.ts';

export function addLogs(program: Command): void {
  program
    .command('logs <actor>')
    .description('what a build printed')
    .option('-f, --follow', 'go on as it prints', false)
    .action(async (actor: string, options: { follow: boolean }, self: Command) => {
      const globals = globalsOf(self);
      await withMillrace(globals, async ({ output }) => {
        for await (const printed of output.read(parseActor(actor).actor, { follow: options.follow, signal: untilInterrupted() })) {
          if (globals.output === 'json') jsonLine({ ...printed, at: time(printed.at) });
          else line(`${printed.source.padEnd(18)}  ${printed.text}`);
        }
      });
    });
}
