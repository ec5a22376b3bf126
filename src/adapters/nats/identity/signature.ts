import { createHash } from 'node:crypto';
import { isSigned, type Signer } from './signer.ts';

/** Headers of a signed command. */
export const signatureHeader = {
  /** Public nkey of the sender: `U...`. */
  key: 'Millrace-Key',
  /** When it was signed, ms since the epoch, by the sender's clock. */
  at: 'Millrace-Signed-At',
  /** Ed25519 over {@link signedText}, base64. */
  signature: 'Millrace-Signature',
} as const;

export interface Signed {
  /** As published: `<prefix>.cmd.<type>.<id>.<command>`. */
  readonly subject: string;
  /** The command's id. */
  readonly id: string;
  readonly body: Uint8Array;
}

/** What is signed, one fact a line: nobody can use it for another actor, command, id or body. UTF-8. */
export function signedText({ subject, id, body }: Signed, at: string): Uint8Array {
  return new TextEncoder().encode(['millrace command', subject, id, at, createHash('sha256').update(body).digest('hex')].join('\n'));
}

export function signatureHeaders(signer: Signer, command: Signed, now: number): Record<string, string> {
  const at = String(Math.round(now));
  return { [signatureHeader.key]: signer.publicKey, [signatureHeader.at]: at, [signatureHeader.signature]: signer.sign(signedText(command, at)) };
}

/** Does the holder of this key say so? */
export const isSignedBy = (key: string, command: Signed, at: string, signature: string): boolean => isSigned(key, signedText(command, at), signature);
