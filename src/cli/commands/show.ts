import type { Command } from 'commander';
import { TerminalError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Blockage } from '../../kernel/state.ts';
import type { Awaited } from '../../kernel/status.ts';
import { statePaths } from '../../kernel/state-text.ts';
import { awaitedLine } from '../../projections/awaited.ts';
import type { ActorView } from '../../projections/view.ts';
import { branchesOf, branchLines, type Branch } from '../family.ts';
import { requestText } from '../request-text.ts';
import { globalsOf, withMillrace, type Globals } from '../globals.ts';
import { definitionFor } from '../machines.ts';
import { outline } from '../outline.ts';
import { fit, jsonLine, line, time } from '../print.ts';

export function addShow(program: Command): void {
  program
    .command('show <actor>')
    .description('an actor as it is now')
    .action(async (actor: string, _options: object, self: Command) => {
      const globals = globalsOf(self);
      const definition = await definitionFor(globals, actor);
      await withMillrace(globals, async (millrace) => {
        const view = await millrace.state(definition, actor);
        tell(globals, view, await branchesOf(millrace.board, childrenIn(view)));
      });
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

const childrenIn = ({ waitingFor }: ActorView): readonly ActorName[] =>
  (waitingFor as unknown as readonly Awaited[]).flatMap(({ kind, name }) => (kind === 'child' ? [name as ActorName] : []));

/** `children`: how those are now that have not ended. */
function tell(globals: Globals, view: ActorView, children?: readonly Branch[]): void {
  if (globals.output === 'json') return jsonLine(children === undefined || children.length === 0 ? view : { ...view, children });
  line(`${view.actor}  ${view.status}, after record ${view.seq}`);
  line(`machine  ${view.machine.name} ${view.machine.version} (${view.machine.hash.slice(0, 12)})`);
  line(`state    ${statePaths(view.value).join(' ')}`);
  if (view.blocked !== undefined) for (const text of blockageLines(view.blocked)) line(text);
  for (const awaited of view.waitingFor) line(`waits    ${awaitedLine(view.machine.name, awaited as unknown as Awaited, time)}`);
  for (const request of view.requests) line(fit(`asked    ${requestText(request)}`));
  for (const [i, text] of branchLines(children ?? []).entries()) line(`${i === 0 ? 'children' : '        '} ${text}`);
  for (const [i, text] of outline(view.context).entries()) line(fit(`${i === 0 ? 'context' : '       '}  ${text}`));
}

const blockageLines = ({ actor, reason, commands }: Blockage): readonly string[] => [
  `blocked  ${actor}: ${reason}`,
  ...commands.map((command) => `helps    millrace send ${actor} ${command}`),
];
