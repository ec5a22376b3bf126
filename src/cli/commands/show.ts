import type { Command } from 'commander';
import { TerminalError } from '../../kernel/errors.ts';
import type { Awaited } from '../../kernel/status.ts';
import type { ActorView } from '../../projections/view.ts';
import { requestText } from '../request-text.ts';
import { globalsOf, withMillrace, type Globals } from '../globals.ts';
import { definitionFor } from '../machines.ts';
import { outline } from '../outline.ts';
import { fit, jsonLine, line, time } from '../print.ts';
import { stateText } from './ls.ts';

export function addShow(program: Command): void {
  program
    .command('show <actor>')
    .description('an actor as it is now')
    .action(async (actor: string, _options: object, self: Command) => {
      const globals = globalsOf(self);
      const definition = await definitionFor(globals, actor);
      tell(globals, await withMillrace(globals, (millrace) => millrace.state(definition, actor)));
    });
  program
    .command('replay <actor>')
    .description('an actor as it was after a record')
    .requiredOption('--to <seq>', 'the record, from 1')
    .action(async (actor: string, options: { to: string }, self: Command) => {
      const globals = globalsOf(self);
      const to = Number(options.to);
      if (!Number.isInteger(to) || to < 1) throw new TerminalError('bad_option', `"${options.to}" is not a record's number`, { hint: 'records are numbered from 1; see `millrace history`' });
      const definition = await definitionFor(globals, actor);
      tell(globals, await withMillrace(globals, (millrace) => millrace.state(definition, actor, to)));
    });
}

function tell(globals: Globals, view: ActorView): void {
  if (globals.output === 'json') return jsonLine(view);
  line(`${view.actor}  ${view.status}, after record ${view.seq}`);
  line(`machine  ${view.machine.name} ${view.machine.version} (${view.machine.hash.slice(0, 12)})`);
  line(`state    ${stateText(view.value)}`);
  for (const awaited of view.waitingFor) line(`waits    ${awaitedText(awaited as unknown as Awaited)}`);
  for (const request of view.requests) line(fit(`asked    ${requestText(request)}`));
  for (const [i, text] of outline(view.context).entries()) line(fit(`${i === 0 ? 'context' : '       '}  ${text}`));
}

const awaitedText = ({ kind, name, until }: Awaited): string => `for the ${kind} ${name}${until === undefined ? '' : `, due ${time(until)}`}`;
