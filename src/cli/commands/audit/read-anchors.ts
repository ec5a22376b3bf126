import { readFileSync } from 'node:fs';
import { isSigned } from '../../../adapters/nats/identity/signer.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import { parseAnchor, requireLinked, signedBytes, statementOf, type Anchor } from '../../../projections/anchor.ts';
import type { Globals } from '../../globals.ts';

/** The anchors in these files. @throws TerminalError `bad_anchor`, `bad_signature`, `broken_anchors`. */
export function readAnchors(files: readonly string[], { prefix }: Pick<Globals, 'prefix'>, signer?: string): readonly Anchor[] {
  const anchors = files.map((file) => {
    const anchor = parseAnchor(read(file), file);
    requireSigned(anchor, file, signer);
    if (anchor.prefix !== prefix) throw new TerminalError('bad_anchor', `${file} is an anchor of the prefix "${anchor.prefix}", not of "${prefix}"`, { hint: 'give --prefix' });
    return anchor;
  });
  requireLinked(anchors);
  return anchors;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TerminalError('bad_anchor', `the anchor ${file} cannot be read`, { cause, hint: 'name a file that `millrace audit anchor --out` wrote' });
  }
}

function requireSigned(anchor: Anchor, file: string, signer: string | undefined): void {
  if (signer !== undefined && signer !== anchor.signer) {
    throw new TerminalError('bad_signature', `${file} was signed by ${anchor.signer}, not by ${signer}`, { hint: 'compare with the public key that was printed when the key was made' });
  }
  if (isSigned(anchor.signer, signedBytes(statementOf(anchor)), anchor.signature)) return;
  throw new TerminalError('bad_signature', `the signature of ${file} is not of what it says`, { hint: 'it was changed after it was signed: use another copy' });
}
