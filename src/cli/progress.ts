import { styleText } from 'node:util';
import { sentenceOf } from '../projections/story.ts';
import type { Listener } from './follow.ts';
import type { Globals } from './globals.ts';
import { jsonLine, line, time } from './print.ts';

/** Progress for a person on a terminal, plain lines in a pipe, JSON when asked. */
export function progressOn(globals: Globals): Listener {
  if (globals.output === 'json') return {
    record: ({ seq, at, type, data }, status) => jsonLine({ seq, at: time(at), type, status, data }),
    printed: (printed) => jsonLine({ ...printed, at: time(printed.at) }),
  };
  const colour = process.stdout.isTTY === true;
  const paint = (style: 'green' | 'red' | 'dim' | 'yellow', text: string): string => (colour ? styleText(style, text) : text);
  let started: number | undefined;
  return {
    record(record, status) {
      started ??= record.at;
      const seconds = `${((record.at - started) / 1000).toFixed(2).padStart(7)} s`;
      const bad = record.type.endsWith('.failed') || status === 'undoing' || status === 'blocked';
      line(`${paint('dim', seconds)}  ${paint(bad ? 'red' : 'green', bad ? '✗' : '✓')} ${String(record.seq).padStart(3)}  ${sentenceOf(record)}`);
    },
    printed: ({ source, text }) => line(`${' '.repeat(11)}${paint('dim', `│ ${source.padEnd(16)} ${text}`)}`),
  };
}
