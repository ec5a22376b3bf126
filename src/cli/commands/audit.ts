import type { Command } from 'commander';
import { parseActor } from '../../kernel/names.ts';
import type { LogRecord } from '../../kernel/record.ts';
import { chainAudit } from '../../projections/audit.ts';
import type { Millrace } from '../../connect.ts';
import { exitCodes } from '../exit.ts';
import { globalsOf, withMillrace } from '../globals.ts';
import { jsonLine, line } from '../print.ts';

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('who did what, and whether the log still says so');
  audit
    .command('verify [actor]')
    .description('check every chain; exit 1 names the first broken record')
    .action(async (actor: string | undefined, _options: object, self: Command) => {
      const globals = globalsOf(self);
      const chains = chainAudit();
      await withMillrace(globals, async (millrace) => {
        for await (const record of recordsOf(millrace, actor)) chains.add(record);
      });
      const result = chains.result();
      if (globals.output === 'json') jsonLine(result);
      else {
        for (const { actor: name, seq, reason } of result.broken) line(`${name}  record ${seq}  ${reason}`);
        line(`${result.ok ? 'ok' : 'BROKEN'}: ${result.records} records of ${result.actors} actors`);
      }
      if (!result.ok) process.exitCode = exitCodes.failed;
    });
}

async function* recordsOf(millrace: Millrace, actor: string | undefined): AsyncIterable<LogRecord> {
  if (actor === undefined) yield* millrace.log.readAll();
  else yield* await millrace.history(parseActor(actor).actor);
}
