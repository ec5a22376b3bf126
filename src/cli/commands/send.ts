import type { Command } from 'commander';
import { TerminalError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { parseActor } from '../../kernel/names.ts';
import { requireNoSecrets } from '../../kernel/secret.ts';
import type { Answer } from '../../adapters/nats/ask.ts';
import { exitCodes } from '../exit.ts';
import { knownMachines } from '../machines.ts';
import { globalsOf, whoAsks, withMillrace, type Globals } from '../globals.ts';
import { jsonLine, line } from '../print.ts';
import { requestText } from '../request-text.ts';

interface SendOptions {
  readonly id?: string;
  readonly timeout: string;
}

export function addSend(program: Command): void {
  program
    .command('send <actor> <command> [json]')
    .description('send one command and wait for the verdict; exit 3 when refused')
    .option('--id <id>', 'command id; the same id is taken once, for ever')
    .option('--timeout <seconds>', 'how long to wait for the verdict', '10')
    .action(async (actor: string, name: string, json: string | undefined, options: SendOptions, self: Command) => {
      if (options.id !== undefined && !/^[\x21-\x7e]{1,200}$/.test(options.id)) throw new TerminalError('bad_option', `${JSON.stringify(options.id)} cannot be a command's id`, { hint: 'give up to 200 letters, digits and signs, no blanks' });
      await sendAndTell(globalsOf(self), actor, name, parseJson(json ?? '{}'), options);
    });
}

/** The control commands: send, with a reason. */
export function addControls(program: Command): void {
  for (const [name, does] of controls) {
    program
      .command(`${name} <actor>`)
      .description(does)
      .option('--reason <text>', 'why, for the record')
      .option('--timeout <seconds>', 'how long to wait for the verdict', '10')
      .action(async (actor: string, options: SendOptions & { reason?: string }, self: Command) => {
        await sendAndTell(globalsOf(self), actor, name, options.reason === undefined ? {} : { reason: options.reason }, options);
      });
  }
}

const controls = [
  ['stop', 'pause; nothing is undone'],
  ['start', 'go on after a stop'],
  ['cancel', 'undo what was done'],
  ['retry-undo', 'try an undo again that is blocked, with a fresh budget'],
  ['abandon', 'end a blocked saga as it is; its output says what stays'],
] as const;

async function sendAndTell(globals: Globals, actor: string, command: string, body: JsonObject, options: SendOptions): Promise<void> {
  const timeoutMs = seconds(options.timeout) * 1000;
  await refuseSecrets(globals, actor, command, body);
  const answer = await withMillrace(globals, (millrace) => millrace.send(actor, command, body, { by: whoAsks(), timeoutMs, ...(options.id === undefined ? {} : { id: options.id }) }));
  tellAnswer(globals, actor, command, answer);
}

/** What is published is on a disk at once: where the machine is known here, its marked fields are looked at before that. */
async function refuseSecrets(globals: Globals, actor: string, command: string, body: JsonObject): Promise<void> {
  const definition = (await knownMachines(globals)).find(({ stamp }) => stamp.name === parseActor(actor).type);
  if (definition !== undefined) requireNoSecrets(definition, command, body);
}

export function tellAnswer(globals: Globals, actor: string, command: string, answer: Answer): void {
  if (globals.output === 'json') jsonLine(answer);
  else if (answer.accepted) line(acceptedText(actor, command, answer));
  else line(refusalText(actor, command, answer));
  if (!answer.accepted) process.exitCode = exitCodes.refused;
}

function acceptedText(actor: string, command: string, { seq, duplicate, request, existing, status }: Extract<Answer, { accepted: true }>): string {
  if (duplicate) return `${actor} is at it already: ${request === undefined ? command : requestText(request)}`;
  if (existing) return `${actor} is there already, ${status}, created with the same input`;
  return `${actor} accepted ${command} as record ${seq}`;
}

function refusalText(actor: string, command: string, answer: Extract<Answer, { accepted: false }>): string {
  const allowed = answer.allowed.length > 0 ? `\n  it would take: ${answer.allowed.join(', ')}` : '';
  const hint = answer.hint === undefined ? '' : `\n  ${answer.hint}`;
  return `${actor} refused ${command}: ${answer.reason} [${answer.code}]${allowed}${hint}`;
}

function parseJson(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TerminalError('bad_json', 'the body is not JSON', { cause, hint: "quote it for the shell, such as '{\"reason\":\"late\"}'" });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TerminalError('bad_body', 'the body is not a JSON object', { hint: "send an object, such as '{}'" });
  return value as JsonObject;
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new TerminalError('bad_option', `"${text}" is not a number of seconds`, { hint: 'give a number above 0' });
  return value;
}
