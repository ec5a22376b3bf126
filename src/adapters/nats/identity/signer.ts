import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { createUser, fromPublic, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { TerminalError } from '../../../kernel/errors.ts';

/** Who signs: anchors, and commands. The seed stays in here. */
export interface Signer {
  readonly publicKey: string;
  /** Ed25519, base64. */
  sign(bytes: Uint8Array): string;
}

/** @throws TerminalError `bad_key`, `key_too_open`. */
export function signerFrom(file: string): Signer {
  const hint = 'it must hold an nkey seed (SU...), as --new-key or `nk -gen user` makes one';
  let text: string;
  let mode: number;
  try {
    [text, mode] = [readFileSync(file, 'utf8').trim(), statSync(file).mode];
  } catch (cause) {
    throw new TerminalError('bad_key', `the key file ${file} cannot be read`, { cause, hint: 'name another one, or make it with --new-key' });
  }
  if ((mode & 0o077) !== 0) throw new TerminalError('key_too_open', `others may read the key file ${file}`, { hint: `chmod 600 ${file}` });
  try {
    return signerOf(fromSeed(new TextEncoder().encode(text)));
  } catch {
    // No cause: what the parser says may quote the file.
    throw new TerminalError('bad_key', `the key file ${file} holds no nkey seed`, { hint });
  }
}

/** A fresh key, in a file that only its owner reads. @throws TerminalError `key_exists`, `bad_key`. */
export function newSigner(file: string): Signer {
  let handle: number;
  try {
    handle = openSync(file, 'wx', 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw new TerminalError('key_exists', `there is a file ${file} already`, { hint: 'leave --new-key out to sign with it, or name another file' });
    throw new TerminalError('bad_key', `the key file ${file} cannot be written`, { cause, hint: 'name a file in a folder that is there and yours' });
  }
  const pair = createUser();
  try {
    writeSync(handle, pair.getSeed());
  } finally {
    closeSync(handle);
  }
  return signerOf(pair);
}

const signerOf = (pair: KeyPair): Signer =>
  ({ publicKey: pair.getPublicKey(), sign: (bytes) => Buffer.from(pair.sign(bytes)).toString('base64') });

/** Did the holder of this public key sign these bytes? */
export function isSigned(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  try {
    return fromPublic(publicKey).verify(bytes, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
