import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Identities, Identity } from '../../../runtime/ports/identities.ts';
import { isSignedBy, signatureHeader } from './signature.ts';

export interface IdentityRules {
  /** Names by public nkey (`U...`). */
  readonly names: Readonly<Record<string, string>>;
  /** Commands that are taken only when signed. */
  readonly required: readonly string[];
}

/** A signature counts for so long: a command may wait for its worker, and is then still meant. */
const validMs = 24 * 60 * 60 * 1_000;

/** Pure but for the time it is given. */
export function identitiesOf({ names, required }: IdentityRules): Identities {
  return {
    identify({ subject, command, id, body, headers }, now): Identity {
      const { [signatureHeader.key]: key, [signatureHeader.at]: at = '', [signatureHeader.signature]: signature = '' } = headers;
      if (key === undefined) return unsigned(command, required);
      const name = Object.hasOwn(names, key) ? names[key] : undefined;
      if (name === undefined) return refused(`the key ${key.slice(0, 60)} is not known here`, 'add it to the file that MILLRACE_IDENTITIES names for the workers, or sign with a key that is there');
      if (!isSignedBy(key, { subject, id, body }, at, signature)) return refused(`the signature of ${name} is not of this command`, 'sign the subject, the command\'s id, the time and the body exactly as they are published');
      if (!(Math.abs(now - Number(at)) <= validMs)) return refused(`${name} signed it more than 24 hours ago, or has a wrong clock`, 'sign it again');
      return { kind: 'authenticated', name, key };
    },
  };
}

const refused = (reason: string, hint: string): Identity => ({ kind: 'refused', code: 'bad_signature', reason, hint });

function unsigned(command: string, required: readonly string[]): Identity {
  if (!required.includes(command)) return { kind: 'claimed' };
  return { kind: 'refused', code: 'identity_needed', reason: `"${command}" is taken only from somebody who signs it`, hint: 'set MILLRACE_SIGNING_KEY to a file with your nkey seed, and have its public key in the workers\' MILLRACE_IDENTITIES' };
}

const file = z.record(z.string().regex(/^U[A-Z2-7]{55}$/, 'not a public user nkey (U...)'), z.string().min(1).max(200));

/** As `MILLRACE_IDENTITIES` (a JSON file: `{"U...":"ann@example.org"}`) and `MILLRACE_REQUIRE_IDENTITY` (`stop,cancel`) say; undefined when neither does. @throws TerminalError `bad_identities`. */
export function identitiesFrom(env: Readonly<Record<string, string | undefined>>): Identities | undefined {
  const { MILLRACE_IDENTITIES: path = '', MILLRACE_REQUIRE_IDENTITY: needed = '' } = env;
  const required = needed.split(',').map((name) => name.trim()).filter((name) => name !== '');
  if (path === '' && required.length === 0) return undefined;
  return identitiesOf({ names: path === '' ? {} : namesIn(path), required });
}

function namesIn(path: string): Readonly<Record<string, string>> {
  const hint = 'it is a JSON object: public nkeys and the names they stand for, {"U...":"ann@example.org"}';
  try {
    return file.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new TerminalError('bad_identities', `the file ${path} of MILLRACE_IDENTITIES cannot be used: ${cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)}`, { cause, hint });
  }
}
