import { once } from 'node:events';
import type { Command } from 'commander';
import type { Millrace } from '../../../connect.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import { parseActor } from '../../../kernel/names.ts';
import type { ActorName, LogRecord } from '../../../kernel/record.ts';
import { cloudEvent, exportedRecord } from '../../../projections/cloud-event.ts';
import { exitCodes } from '../../exit.ts';
import { globalsOf, withMillrace } from '../../globals.ts';
import { aside } from '../../print.ts';
import { tally } from './tally.ts';

interface Options {
  readonly type?: string;
  readonly since?: string;
  readonly until?: string;
  readonly cloudevents?: true;
}

export function addExport(audit: Command): void {
  audit
    .command('export [actor]')
    .description('every record as a line of JSON, secrets redacted')
    .option('--type <type>', 'only records of this type, such as actor.created or cancel')
    .option('--since <time>', 'only from this moment on, as 2026-01-31T00:00:00Z')
    .option('--until <time>', 'only before this moment')
    .option('--cloudevents', 'as CloudEvents 1.0 in JSON')
    .action(async (name: string | undefined, options: Options, self: Command) => {
      const globals = globalsOf(self);
      const actor = name === undefined ? undefined : parseActor(name).actor;
      const wanted = filterOf(options);
      const text = (record: LogRecord): string => JSON.stringify(options.cloudevents ? cloudEvent(record, globals.prefix) : exportedRecord(record));
      await withMillrace(globals, async (millrace) => {
        const counted = tally(options.type);
        for await (const record of recordsOf(millrace, actor)) {
          const isWanted = wanted(record);
          counted.add(record, isWanted);
          if (isWanted) await write(`${text(record)}\n`);
        }
        aside(counted.told());
      });
    });
}

async function* recordsOf(millrace: Millrace, actor: ActorName | undefined): AsyncGenerator<LogRecord> {
  let none = true;
  for await (const record of millrace.log.readAll({ ...(actor === undefined ? {} : { actor }), onBad: skipped })) {
    none = false;
    yield record;
  }
  // It says best what there is of an actor without a record.
  if (none && actor !== undefined) yield* await millrace.history(actor);
}

/** What is left out is said, and is no success. */
function skipped(error: TerminalError): void {
  aside(error.message);
  process.exitCode = exitCodes.failed;
}

/** Waits while the reader of the pipe is slower than the log. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function filterOf({ type, since, until }: Options): (record: LogRecord) => boolean {
  const [from, to] = [moment('--since', since) ?? -Infinity, moment('--until', until) ?? Infinity];
  if (from >= to) throw new TerminalError('bad_option', `nothing is at or after ${since} and before ${until}`, { hint: 'give --since the earlier moment' });
  if (type !== undefined && !/^[\w-]+(\.[\w-]+)*$/.test(type)) {
    throw new TerminalError('bad_option', `--type ${JSON.stringify(type)} can be no record's type`, { hint: 'give one such as actor.created or cancel; an actor is named without an option' });
  }
  return (record) => (type === undefined || record.type === type) && record.at >= from && record.at < to;
}

function moment(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new TerminalError('bad_option', `${option} "${text}" is no moment`, { hint: 'write it as 2026-01-31T00:00:00Z' });
  return at;
}
