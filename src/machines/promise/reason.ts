import { redact } from '../../kernel/redact.ts';

/** More of a reason than this is cut off. */
const longestReason = 1000;

/**
 * A reason as it may be stored, sent and shown: without secrets, without what moves a terminal about, and not too
 * long. The job's own secrets are the `values`.
 */
export function safeReason(reason: string, values: readonly string[] = []): string {
  const clean = redact(plain(reason), values).trim();
  return clean.length <= longestReason ? clean : `${clean.slice(0, longestReason - 1).replace(halfCharacter, '')}…`;
}

/** A test's output has colours, and whatever else its programs print: escape sequences, and characters nobody sees. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const escapeSequences = /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g;
const unseen = /(?![\n\t])[\p{Cc}\p{Cs}]/gu;
const halfCharacter = /\p{Cs}/gu;

const plain = (text: string): string => text.replace(escapeSequences, '').replace(/\r\n?/g, '\n').replace(unseen, '');
