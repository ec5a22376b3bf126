import type { Command } from 'commander';
import { TerminalError } from '../../../kernel/errors.ts';
import { parseActor } from '../../../kernel/names.ts';
import type { ActorName } from '../../../kernel/record.ts';
import { chainAudit, type AuditResult, type ChainAudit } from '../../../projections/audit.ts';
import type { Millrace } from '../../../connect.ts';
import { exitCodes } from '../../exit.ts';
import { globalsOf, withMillrace, type Globals } from '../../globals.ts';
import { aside, jsonLine, line } from '../../print.ts';
import { readAnchors } from './read-anchors.ts';

interface Options {
  readonly anchor?: readonly string[];
  readonly signer?: string;
}

export function addVerify(audit: Command): void {
  audit
    .command('verify [actor]')
    .description('check every chain; exit 1 names the first broken record')
    .option('--anchor <file...>', 'and that the logs still have what these anchors saw')
    .option('--signer <key>', 'the public key (U...) that must have signed them')
    .action(async (name: string | undefined, options: Options, self: Command) => {
      const globals = globalsOf(self);
      if (options.signer !== undefined && options.anchor === undefined) throw new TerminalError('bad_option', '--signer says who signed an anchor, and none is given', { hint: 'give --anchor FILE as well' });
      const actor = name === undefined ? undefined : parseActor(name).actor;
      const anchors = readAnchors(options.anchor ?? [], globals, options.signer);
      for (const { at, signer } of options.signer === undefined ? anchors : []) aside(`the anchor of ${at} is signed by ${signer}; --signer insists on a key`);
      const chains = chainAudit(anchors.map(({ at, heads }) => ({ at, heads: heads.filter((head) => actor === undefined || head.actor === actor) })));
      await withMillrace(globals, async (millrace) => {
        if (actor === undefined) await auditAll(millrace, chains);
        else await auditOne(millrace, actor, chains, anchors.length > 0);
      });
      tell(globals, chains.result());
    });
}

/** Names what is wrong; exit 1 when something is. */
export function tell(globals: Globals, result: AuditResult): void {
  const { actors, records, ok, broken, against, unreadable } = result;
  if (globals.output === 'json') jsonLine({ actors, records, ok, ...named('broken', broken), ...named('against', against), ...named('unreadable', unreadable) });
  else {
    for (const { actor, seq, reason } of [...broken, ...against]) line(`${actor}  record ${seq}  ${reason}`);
    for (const what of unreadable) line(what);
    line(`${ok ? 'ok' : 'BROKEN'}: ${records} records of ${actors} actors`);
  }
  if (!ok) process.exitCode = exitCodes.failed;
}

/** What is wrong is named only when something is. */
const named = (name: string, found: readonly unknown[]): object => (found.length > 0 ? { [name]: found } : {});

export async function auditAll({ log }: Pick<Millrace, 'log'>, chains: ChainAudit): Promise<void> {
  for await (const record of log.readAll({ onBad: (error) => chains.unreadable(error.message) })) chains.add(record);
}

/** An actor that an anchor speaks of may be gone: that is a finding, and no mistyped name. */
async function auditOne(millrace: Millrace, actor: ActorName, chains: ChainAudit, anchored: boolean): Promise<void> {
  try {
    const { records } = anchored ? await millrace.log.read(actor) : { records: await millrace.history(actor) };
    for (const record of records) chains.add(record);
  } catch (error) {
    if (!(error instanceof TerminalError) || error.code !== 'bad_record') throw error;
    chains.unreadable(error.message);
  }
}
