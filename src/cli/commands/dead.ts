import type { Command } from 'commander';
import { TerminalError } from '../../kernel/errors.ts';
import type { DeadLetter } from '../../runtime/ports/dead.ts';
import { globalsOf, withMillrace } from '../globals.ts';
import { jsonLine, line, table, time } from '../print.ts';

export function addDead(program: Command): void {
  const dead = program.command('dead').description('commands nobody could handle');
  dead.command('ls').description('the dead letters there are').action(async (_options: object, self: Command) => {
    const globals = globalsOf(self);
    const letters = await withMillrace(globals, (millrace) => millrace.dead.list());
    if (globals.output === 'json') jsonLine(letters.map(asJson));
    else if (letters.length === 0) line('no dead letters');
    else table(['ID', 'SUBJECT', 'CODE', 'AT', 'REASON'], letters.map((one) => [one.id, one.subject, one.code, time(one.at), one.reason]));
  });
  dead.command('show <id>').description('one dead letter, whole').action(async (id: string, _options: object, self: Command) => {
    const globals = globalsOf(self);
    const letter = await withMillrace(globals, (millrace) => millrace.dead.get(id));
    if (letter === undefined) throw new TerminalError('unknown_dead_letter', `there is no dead letter "${id}"`, { hint: 'see `millrace dead ls`' });
    if (globals.output === 'json') jsonLine(asJson(letter));
    else for (const [key, value] of Object.entries(asJson(letter))) line(`${key.padEnd(10)}  ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  });
  dead.command('retry <id>').description('publish it again, under a fresh command id').action(async (id: string, _options: object, self: Command) => {
    const globals = globalsOf(self);
    await withMillrace(globals, (millrace) => millrace.dead.retry(id));
    done(globals.output, id, 'retried');
  });
  dead.command('drop <id>').description('delete it').action(async (id: string, _options: object, self: Command) => {
    const globals = globalsOf(self);
    await withMillrace(globals, (millrace) => millrace.dead.drop(id));
    done(globals.output, id, 'dropped');
  });
}

function done(output: string, id: string, what: 'retried' | 'dropped'): void {
  if (output === 'json') jsonLine({ id, [what]: true });
  else line(`${id} ${what}`);
}

/** The body as text where it is text; what is not is given in base64. */
function asJson(letter: DeadLetter): Record<string, unknown> {
  const { body, at, ...rest } = letter;
  const text = new TextDecoder().decode(body);
  const isText = Buffer.from(text).equals(Buffer.from(body));
  return { ...rest, at: time(at), ...(isText ? { body: text } : { bodyBase64: Buffer.from(body).toString('base64') }) };
}
