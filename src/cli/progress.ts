import { styleText } from 'node:util';
import type { Awaited } from '../kernel/status.ts';
import { moodOf, sentenceOf, type Mood } from '../projections/story.ts';
import type { Listener } from './follow.ts';
import type { Globals } from './globals.ts';
import { jsonLine, line, time } from './print.ts';
import { statusLine } from './status-line.ts';

const marks: Record<Mood, readonly [mark: string, style: 'green' | 'red' | 'yellow']> = { good: ['✓', 'green'], bad: ['✗', 'red'], back: ['↩', 'yellow'] };

/** Progress for a person on a terminal, plain lines in a pipe, JSON when asked. */
export function progressOn(globals: Globals): Listener {
  if (globals.output === 'json') return {
    record: ({ seq, at, type, data }, status) => jsonLine({ seq, at: time(at), type, status, data }),
    printed: (printed) => jsonLine({ ...printed, at: time(printed.at) }),
    progress: (progress) => jsonLine({ progress }),
    end: () => undefined,
  };
  const onTerminal = process.stdout.isTTY === true;
  const paint = (style: 'green' | 'red' | 'dim' | 'yellow', text: string): string => (onTerminal ? styleText(style, text) : text);
  const below = onTerminal ? statusLine() : undefined;
  const say = (text: string): void => { below?.clear(); line(text); below?.draw(); };
  let started: number | undefined;
  return {
    record(record, _status, waiting) {
      started ??= record.at;
      const seconds = `${((record.at - started) / 1000).toFixed(2).padStart(7)} s`;
      const [mark, style] = marks[moodOf(record)];
      below?.set(waitingText(waiting));
      say(`${paint('dim', seconds)}  ${paint(style, mark)} ${String(record.seq).padStart(3)}  ${sentenceOf(record)}`);
    },
    printed: ({ source, text }) => say(`${' '.repeat(11)}${paint('dim', `│ ${source.padEnd(21)}  ${text}`)}`),
    progress: ({ message, percent }) => say(`${' '.repeat(11)}${paint('dim', `${percent === undefined ? '' : `${percent} % `}${message}`)}`),
    end: () => below?.end(),
  };
}

const waitingText = (waiting: readonly Awaited[]): string =>
  waiting.filter(({ kind }) => kind !== 'timer').map(({ kind, name }) => (kind === 'command' ? `waits for a command: ${name}` : name)).join(', ');
