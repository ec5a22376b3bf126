import type { Command } from 'commander';
import { TerminalError } from '../../kernel/errors.ts';
import { requireToken } from '../../kernel/names.ts';
import { statePaths } from '../../kernel/state-text.ts';
import type { Status } from '../../kernel/state.ts';
import type { BoardEntry } from '../../projections/board.ts';
import { globalsOf, withMillrace } from '../globals.ts';
import { jsonLine, line, table, time } from '../print.ts';
import { listWaiting } from './waiting.ts';
import { listWorkers } from './workers.ts';

const statuses: readonly Status[] = ['running', 'waiting', 'stopping', 'stopped', 'undoing', 'completed', 'failed', 'cancelled', 'blocked'];

export function addLs(program: Command): void {
  program
    .command('ls [type]')
    .description('actors and how they are')
    .option('--status <status>', `one of ${statuses.join(', ')}`)
    .option('--workers', 'who serves what, instead', false)
    .option('--waiting', 'which commands are stored for whom, instead', false)
    .action(async (type: string | undefined, options: { status?: string; workers: boolean; waiting: boolean }, self: Command) => {
      const globals = globalsOf(self);
      const instead = ['workers', 'waiting'].filter((name) => options[name as 'workers' | 'waiting']).map((name) => `--${name}`);
      if (instead.length > 1 || (instead.length > 0 && (type !== undefined || options.status !== undefined))) {
        throw new TerminalError('bad_option', `${instead[0]} lists something else than actors, and takes neither type nor status nor another list`, { hint: 'leave out one or the other' });
      }
      if (options.workers) return await listWorkers(globals);
      if (options.waiting) return await listWaiting(globals);
      if (type !== undefined) requireToken(type, 'bad_type', 'the type');
      const status = options.status === undefined ? undefined : statusOf(options.status);
      const entries = await withMillrace(globals, ({ board }) => board.list({ type, status }));
      const sorted = entries.toSorted((a, b) => b.at - a.at).map((entry) => ({ ...entry, at: time(entry.at), ...(entry.createdAt === undefined ? {} : { createdAt: time(entry.createdAt) }) }));
      if (globals.output === 'json') jsonLine(sorted);
      else if (sorted.length === 0) line('no actors');
      else table(['ACTOR', 'STATUS', 'STATE', 'RECORDS', 'LAST RECORD'], sorted.map((one) => [one.actor, statusText(one), statePaths(one.value).join(' '), String(one.seq), one.at]));
    });
}

/** Of one that is held up by a child, which one. */
function statusText({ actor, status, failing, blocked }: Pick<BoardEntry, 'actor' | 'status' | 'failing' | 'blocked'>): string {
  const by = blocked === undefined || blocked.actor === actor ? '' : ` by ${blocked.actor}`;
  return `${status}${by}${failing === undefined ? '' : ', failing'}`;
}

function statusOf(text: string): Status {
  const found = statuses.find((status) => status === text);
  if (found === undefined) throw new TerminalError('bad_option', `there is no status "${text}"`, { hint: `use one of ${statuses.join(', ')}` });
  return found;
}
