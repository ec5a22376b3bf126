import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { newSigner, signerFrom } from '../../../adapters/nats/identity/signer.ts';
import type { Broker } from '../../../adapters/nats/broker.ts';
import { canonicalJson } from '../../../kernel/canonical.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import { makeAnchor, statementOf, type Anchor } from '../../../projections/anchor.ts';
import { chainAudit } from '../../../projections/audit.ts';
import { globalsOf, withMillrace } from '../../globals.ts';
import { aside, line } from '../../print.ts';
import { readAnchors } from './read-anchors.ts';
import { auditAll, tell } from './verify.ts';

interface Options {
  readonly key: string;
  readonly newKey?: true;
  readonly previous?: string;
  readonly out?: string;
  readonly publish?: true;
}

export function addAnchor(audit: Command): void {
  audit
    .command('anchor')
    .description('sign where every log ends now; keep the result where the server cannot reach it')
    .requiredOption('--key <file>', 'the seed of an nkey, readable by you alone')
    .option('--new-key', 'make that key first')
    .option('--previous <file>', 'the anchor before this one: what it saw must still be there, and the new one names it')
    .option('--out <file>', 'write it here instead of to standard output; a file that is there is not replaced')
    .option('--publish', 'say it, without the heads, on <prefix>.anchor as well')
    .action(async (options: Options, self: Command) => {
      const globals = globalsOf(self);
      const signer = options.newKey ? newSigner(options.key) : signerFrom(options.key);
      if (options.newKey) aside(`the public key is ${signer.publicKey}; keep it for --signer`);
      const [previous] = readAnchors(options.previous === undefined ? [] : [options.previous], globals, signer.publicKey);
      const chains = chainAudit(previous === undefined ? [] : [previous]);
      await withMillrace(globals, async (millrace) => {
        await auditAll(millrace, chains);
        const result = chains.result();
        // A signature under a log that is not whole would vouch for it.
        if (!result.ok) return tell(globals, result);
        const anchor = makeAnchor({ heads: chains.heads(), at: Date.now(), prefix: globals.prefix, signer, previous });
        write(anchor, options.out);
        if (options.publish) await say(millrace.broker, anchor);
      });
    });
}

function write(anchor: Anchor, out: string | undefined): void {
  if (out === undefined) return line(canonicalJson(anchor));
  try {
    writeFileSync(out, `${canonicalJson(anchor)}\n`, { flag: 'wx' });
  } catch (cause) {
    throw new TerminalError('not_written', `the anchor cannot be written to ${out}`, { cause, hint: 'name a file that is not there yet' });
  }
  line(`${out}: ${anchor.records} records of ${anchor.actors} actors, signed by ${anchor.signer}`);
}

/** The signed statement and its signature; all heads of many actors would not fit a message. */
async function say({ nc, names }: Broker, anchor: Anchor): Promise<void> {
  nc.publish(`${names.prefix}.anchor`, canonicalJson({ ...statementOf(anchor), signature: anchor.signature }));
  await nc.flush();
}
