import type { Answer } from '../adapters/nats/ask.ts';
import type { Millrace } from '../connect.ts';
import type { ActorName, LogRecord } from '../kernel/record.ts';
import type { Status } from '../kernel/state.ts';
import { runEndingLines } from '../projections/run.ts';
import { exitCodes } from './exit.ts';
import { followActor, type Listener } from './follow.ts';
import type { Globals } from './globals.ts';
import { untilInterrupted } from './interrupt.ts';
import { definitionFor } from './machines.ts';
import { jsonLine, line } from './print.ts';
import { progressOn } from './progress.ts';

/** Follow a run that took a command to its end, and say how it ended: exit 0 only when that was `wanted`. */
export async function followRun(globals: Globals, millrace: Millrace, actor: ActorName, answer: Answer, wanted: (status: Status) => boolean): Promise<void> {
  const definition = await definitionFor(globals, actor);
  const listener = globals.output === 'json' ? progressOn(globals) : onlyNews(progressOn(globals));
  const { status, output, ended } = await followActor(millrace, definition, actor, listener, untilInterrupted());
  if (!wanted(status)) process.exitCode = exitCodes.failed;
  if (globals.output === 'json') return jsonLine({ ...answer, actor, status, output });
  const goesOn = [`no longer following ${actor}; it goes on by itself`, `  see it with millrace run status ${actor}, end it with millrace run cancel ${actor}`];
  for (const text of ended ? runEndingLines(actor, status, output) : goesOn) line(text);
}

/** People are spared the polls that say what the one before said. */
function onlyNews(listener: Listener): Listener {
  let last: unknown;
  const isNews = ({ type, data }: LogRecord): boolean => {
    if (type === 'timer.fired') return false;
    const said = type === 'activity.completed' && typeof data.output === 'object' && data.output !== null && 'status' in data.output ? data.output.status : undefined;
    if (said === undefined) return true;
    const isNew = said !== last;
    last = said;
    return isNew;
  };
  return { ...listener, record: (record, status, waiting) => { if (isNews(record)) listener.record(record, status, waiting); } };
}
