import { TerminalError } from '../../../kernel/errors.ts';
import type { LogRecord } from '../../../kernel/record.ts';

/** Counts what is exported of what there is: nothing exported looks like nothing there. */
export interface Tally {
  add(record: LogRecord, isExported: boolean): void;
  /** To be said beside the data. @throws TerminalError `bad_option` when `--type` is a type of actors and of no record. */
  told(): string;
}

export function tally(type: string | undefined): Tally {
  const [records, actors] = [new Set<string>(), new Set<string>()];
  let [all, exported, newest] = [0, 0, -Infinity];
  return {
    add(record, isExported) {
      all++;
      if (isExported) exported++;
      newest = Math.max(newest, record.at);
      records.add(record.type);
      actors.add(record.actor.slice(0, record.actor.indexOf('/')));
    },
    told() {
      const there = [...records].sort().join(', ');
      if (type !== undefined && !records.has(type) && actors.has(type)) {
        throw new TerminalError('bad_option', `--type is of records, and "${type}" is a type of actors`, { hint: `export one actor by its name, ${type}/...; records here are ${there}` });
      }
      const said = `exported ${exported} of ${all} records`;
      if (exported > 0 || all === 0) return said;
      return type !== undefined && !records.has(type) ? `${said}: none is of type "${type}"; there are ${there}` : `${said}; the newest is of ${new Date(newest).toISOString()}`;
    },
  };
}
