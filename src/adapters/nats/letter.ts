import { createHash } from 'node:crypto';
import { TerminalError } from '../../kernel/errors.ts';
import type { DeadLetter } from '../../runtime/ports/dead.ts';
import { header } from './queue/wire.ts';

/**
 * What a retry publishes: the same bytes to the same subject, under a command id of its own. The id
 * follows from the letter, so that a retry that was cut off and is tried again is one command.
 */
export function retryOf(letter: DeadLetter): { subject: string; headers: Record<string, string>; body: Uint8Array } {
  const digest = createHash('sha256').update(`${letter.id}\n${letter.at}`).digest('hex');
  const kept = Object.entries(letter.headers).filter(([name]) => !/^nats-/i.test(name) && name !== header.commandId);
  return {
    subject: letter.subject, body: letter.body,
    headers: { ...Object.fromEntries(kept), [header.messageId]: `retry-${digest.slice(0, 32)}` },
  };
}

export function unknownLetter(id: string): TerminalError {
  return new TerminalError('unknown_dead_letter', `There is no dead letter "${id}".`, { hint: 'See `millrace dead ls`; it may have been retried or dropped already.' });
}
