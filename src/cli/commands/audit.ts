import type { Command } from 'commander';
import { parseActor } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { chainAudit, type AuditResult, type ChainAudit } from '../../projections/audit.ts';
import type { Millrace } from '../../connect.ts';
import { exitCodes } from '../exit.ts';
import { globalsOf, withMillrace } from '../globals.ts';
import { jsonLine, line } from '../print.ts';

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('whether the log is what was once appended');
  audit
    .command('verify [actor]')
    .description('check every chain; exit 1 names the first broken record')
    .action(async (actor: string | undefined, _options: object, self: Command) => {
      const globals = globalsOf(self);
      const chains = chainAudit();
      await withMillrace(globals, async (millrace) => {
        if (actor === undefined) await auditAll(millrace, chains);
        else await auditOne(millrace, parseActor(actor).actor, chains);
      });
      const result = chains.result();
      if (globals.output === 'json') jsonLine(asJson(result));
      else {
        for (const { actor: name, seq, reason } of result.broken) line(`${name}  record ${seq}  ${reason}`);
        for (const what of result.unreadable) line(what);
        line(`${result.ok ? 'ok' : 'BROKEN'}: ${result.records} records of ${result.actors} actors`);
      }
      if (!result.ok) process.exitCode = exitCodes.failed;
    });
}

/** What is broken is named only when something is. */
const asJson = ({ actors, records, ok, broken, unreadable }: AuditResult): object =>
  ({ actors, records, ok, ...(broken.length > 0 ? { broken } : {}), ...(unreadable.length > 0 ? { unreadable } : {}) });

async function auditAll(millrace: Millrace, chains: ChainAudit): Promise<void> {
  for await (const record of millrace.log.readAll({ onBad: (error) => chains.unreadable(error.message) })) chains.add(record);
}

async function auditOne(millrace: Millrace, actor: ActorName, chains: ChainAudit): Promise<void> {
  try {
    for (const record of await millrace.history(actor)) chains.add(record);
  } catch (error) {
    if (!(error instanceof TerminalError) || error.code !== 'bad_record') throw error;
    chains.unreadable(error.message);
  }
}
