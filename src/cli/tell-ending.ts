import type { ActorName } from '../kernel/record.ts';
import { endingLines } from '../projections/ending.ts';
import { exitCodes } from './exit.ts';
import type { Ending } from './follow.ts';
import type { Globals } from './globals.ts';
import { jsonLine, line } from './print.ts';

/** How it ended, and the exit code that says so: 0 only when completed. */
export function tellEnding(globals: Globals, { actor, status, output, context, ended }: Ending, goesOn = goesOnByItself): void {
  if (status !== 'completed') process.exitCode = exitCodes.failed;
  if (globals.output === 'json') return jsonLine({ actor, status, output });
  for (const text of ended ? endingLines(actor, status, context) : [goesOn(actor)]) line(text);
}

const goesOnByItself = (actor: ActorName): string => `no longer following ${actor}; it goes on by itself\n  see it with millrace logs -f ${actor}, end it with millrace cancel ${actor}`;
