import { TerminalError } from '../../../kernel/errors.ts';
import { parseActor, requireToken } from '../../../kernel/names.ts';
import type { ActorName } from '../../../kernel/record.ts';
import type { OutgoingCommand } from '../../../runtime/ports/queue.ts';

/** Headers of a command. */
export const header = {
  /** What the server removes duplicates by. A message that a schedule emits has lost it. */
  messageId: 'Nats-Msg-Id',
  /** The command's id where `Nats-Msg-Id` cannot carry it: on timers, and on the messages they become. */
  commandId: 'Millrace-Command-Id',
  by: 'Millrace-By',
  reply: 'Millrace-Reply',
  traceparent: 'traceparent',
} as const;

/** The headers every command carries, its id apart. */
export function commandHeaders({ by, reply, traceparent }: OutgoingCommand): Record<string, string> {
  return {
    ...(by === undefined ? {} : { [header.by]: oneLine(by) }),
    ...(reply === undefined ? {} : { [header.reply]: oneLine(reply) }),
    ...(traceparent === undefined ? {} : { [header.traceparent]: oneLine(traceparent) }),
  };
}

/** The id of a command as it came: the same on every redelivery, and on every firing of one timer. */
export function commandId(headers: Readonly<Record<string, string>>, streamSequence: number): string {
  return headers[header.commandId] ?? headers[header.messageId] ?? `cmd-${streamSequence}`;
}

/**
 * Anything else would be published on a subject that nobody consumes, or purge what it should not.
 * @throws TerminalError `bad_actor_name`, `bad_command_name`, `bad_timer_name`, `bad_command_id`.
 */
export function requireAddress(to: ActorName, { command, timer, id }: { command?: string; timer?: string; id?: string }): void {
  parseActor(to);
  if (command !== undefined) requireToken(command, 'bad_command_name', 'the command');
  if (timer !== undefined) requireToken(timer, 'bad_timer_name', 'the timer');
  if (id === undefined || (id !== '' && id === oneLine(id))) return;
  throw new TerminalError('bad_command_id', `${JSON.stringify(id.slice(0, 80))} cannot be a command's id`, { hint: 'an id is one line without blanks at its ends, such as a UUID' });
}

export interface Address {
  /** As published: `<prefix>.cmd.<type>.<id>.<command>`. */
  readonly subject: string;
  readonly type: string;
  readonly actorId: string;
  readonly command: string;
}

/** What a stored subject says. The stream keeps `<prefix>.work.<partition>.<type>.<id>.<command>`, and what was handed over under `held`; a malformed one stays under `cmd`. */
export function addressOf(prefix: string, stored: string): Address {
  const subject = publishedAs(prefix, stored);
  const [type = '', actorId = '', ...command] = subject.slice(`${prefix}.cmd.`.length).split('.');
  return { subject, type, actorId, command: command.join('.') };
}

function publishedAs(prefix: string, stored: string): string {
  const [work, held] = [`${prefix}.work.`, `${prefix}.held.`];
  if (stored.startsWith(work)) return `${prefix}.cmd.${stored.slice(stored.indexOf('.', work.length) + 1)}`;
  if (!stored.startsWith(held)) return stored;
  const [type = '', _version, _hash, ...rest] = stored.slice(held.length).split('.');
  return [`${prefix}.cmd`, type, ...rest].join('.');
}

/** The headers of a command that is stored again elsewhere: what the server added is left out, its id stays. */
export function headersToHandOver(headers: Readonly<Record<string, string>>, id: string, mark: string): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith('Nats-'));
  return { ...Object.fromEntries(kept), [header.commandId]: id, [header.messageId]: mark };
}

/** A header is one line; anything else would end it early. */
// oxlint-disable-next-line no-control-regex
export const oneLine = (value: string): string => value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
