import type { Command } from 'commander';
import type { LogRecord } from '../../kernel/record.ts';
import { redactData } from '../../kernel/redact-json.ts';
import { parseActor } from '../../kernel/names.ts';
import { globalsOf, withMillrace, type Globals } from '../globals.ts';
import { untilInterrupted } from '../interrupt.ts';
import { fit, jsonLine, line, time } from '../print.ts';

export function addHistory(program: Command): void {
  program
    .command('history <actor>')
    .description("an actor's log, a line a record")
    .action(async (actor: string, _options: object, self: Command) => {
      const globals = globalsOf(self);
      const records = await withMillrace(globals, (millrace) => millrace.history(actor));
      for (const record of records) tellRecord(globals, record, false);
    });
  program
    .command('watch [actor]')
    .description('follow records as they come, of one actor or of all')
    .action(async (actor: string | undefined, _options: object, self: Command) => {
      const globals = globalsOf(self);
      const name = actor === undefined ? undefined : parseActor(actor).actor;
      await withMillrace(globals, async ({ log }) => {
        for await (const record of log.follow({ actor: name, signal: untilInterrupted() })) tellRecord(globals, record, name === undefined);
      });
    });
}

/** A record as `history` and `watch` print it. */
export function tellRecord(globals: Globals, record: LogRecord, named: boolean): void {
  const { actor, seq, at, type, cause, by, key, chain } = record;
  // What an older worker recorded may not be clean.
  const data = redactData(record.data);
  if (globals.output === 'json') return jsonLine({ ...(named ? { actor } : {}), seq, at: time(at), type, cause, ...(by === undefined ? {} : { by }), ...(key === undefined ? {} : { key }), data, chain });
  line(fit(`${String(seq).padStart(4)}  ${time(at)}  ${named ? `${actor}  ` : ''}${type.padEnd(18)}  ${by === undefined ? '' : `by ${by}${key === undefined ? '' : ' (signed)'}  `}${short(JSON.stringify(data))}`));
}

const short = (text: string): string => (text.length > 160 ? `${text.slice(0, 157)}...` : text);
