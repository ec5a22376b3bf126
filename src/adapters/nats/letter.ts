import { createHash } from 'node:crypto';
import { signatureHeader } from './identity/signature.ts';
import { TerminalError } from '../../kernel/errors.ts';
import type { DeadLetter } from '../../runtime/ports/dead.ts';
import { addressOf, header, oneLine } from './queue/wire.ts';

/** Headers of a dead letter. The body is the command's own. */
const dead = {
  id: 'Millrace-Dead-Id',
  code: 'Millrace-Dead-Code',
  reason: 'Millrace-Dead-Reason',
  hint: 'Millrace-Dead-Hint',
  subject: 'Millrace-Dead-Subject',
  commandId: 'Millrace-Dead-Command-Id',
  deliveries: 'Millrace-Dead-Deliveries',
  at: 'Millrace-Dead-At',
  /** The command's own headers, as JSON. */
  headers: 'Millrace-Dead-Headers',
  /** Only when the body had to be cut: how many bytes it had. */
  cut: 'Millrace-Dead-Cut-From',
} as const;

/** Bytes kept of a body that, with the headers of a dead letter, is more than the broker takes. */
const keptOfCut = 16 * 1024;

export function encodeLetter(letter: DeadLetter): Record<string, string> {
  return {
    [header.messageId]: oneLine(letter.id),
    [dead.id]: oneLine(letter.id),
    [dead.code]: letter.code,
    [dead.reason]: oneLine(letter.reason),
    ...(letter.hint === undefined ? {} : { [dead.hint]: oneLine(letter.hint) }),
    [dead.subject]: letter.subject,
    [dead.commandId]: oneLine(letter.commandId),
    [dead.deliveries]: String(letter.deliveries),
    [dead.at]: new Date(letter.at).toISOString(),
    [dead.headers]: JSON.stringify(letter.headers),
  };
}

/** A stored letter; undefined for a message that is none. */
export function decodeLetter(prefix: string, get: (name: string) => string, body: Uint8Array): DeadLetter | undefined {
  const [id, subject, hint, at] = [get(dead.id), get(dead.subject), get(dead.hint), Date.parse(get(dead.at))];
  if (id === '' || subject === '' || Number.isNaN(at)) return undefined;
  const { type, actorId } = addressOf(prefix, subject);
  return {
    id, type, actorId, subject, commandId: get(dead.commandId), code: get(dead.code), reason: get(dead.reason),
    ...(hint === '' ? {} : { hint }), deliveries: Number(get(dead.deliveries)), at,
    headers: { ...parseHeaders(get(dead.headers)), ...(get(dead.cut) === '' ? {} : { [dead.cut]: get(dead.cut) }) }, body,
  };
}

/** A body near the broker's limit leaves no room for why it was refused: its beginning is kept, and its size. */
export function cutLetter(letter: DeadLetter): { headers: Record<string, string>; body: Uint8Array } {
  const { headers, body } = letter;
  const small = Object.fromEntries(Object.entries(headers).filter(([name, value]) => name.length + value.length < 1024).slice(0, 64));
  return { headers: { ...encodeLetter({ ...letter, headers: small }), [dead.cut]: String(body.length) }, body: body.subarray(0, keptOfCut) };
}

/**
 * What a retry publishes: the same bytes to the same subject, under a command id of its own. The id
 * follows from the letter, so that a retry that was cut off and is tried again is one command.
 * @throws TerminalError `dead_letter_cut`: the body was too large to be kept whole.
 */
export function retryOf(letter: DeadLetter): { subject: string; headers: Record<string, string>; body: Uint8Array } {
  const size = letter.headers[dead.cut];
  if (size !== undefined) {
    throw new TerminalError('dead_letter_cut', `The body of dead letter "${letter.id}" had ${size} bytes and was not kept whole, so it cannot be sent again.`,
      { hint: 'Send the command anew, with the big part in the object store, then drop the letter.' });
  }
  const digest = createHash('sha256').update(`${letter.id}\n${letter.at}`).digest('hex');
  // Whoever waited for the first verdict is gone: the next refusal must become a letter again, not an answer to nobody.
  // And a signature is of the id it had: sent again, it is a claim.
  const left = new Set<string>([header.commandId, header.reply, ...Object.values(signatureHeader)]);
  const kept = Object.entries(letter.headers).filter(([name]) => !/^nats-/i.test(name) && !left.has(name));
  return {
    subject: letter.subject, body: letter.body,
    headers: { ...Object.fromEntries(kept), [header.messageId]: `retry-${digest.slice(0, 32)}` },
  };
}

export function unknownLetter(id: string): TerminalError {
  return new TerminalError('unknown_dead_letter', `There is no dead letter "${id}".`, { hint: 'See `millrace dead ls`; it may have been retried or dropped already.' });
}

function parseHeaders(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
