import { basename } from 'node:path';
import type { Millrace } from '../connect.ts';
import { TerminalError } from '../kernel/errors.ts';
import type { ActorName } from '../kernel/record.ts';
import { followBuild } from './commands/build.ts';
import { tellRecord } from './commands/history.ts';
import type { Ending } from './follow.ts';
import type { Globals } from './globals.ts';
import { line } from './print.ts';
import { triggerBuild } from './stage-and-trigger.ts';
import { tellEnding } from './tell-ending.ts';

/** Build a folder, and explain the build record by record. The exit code says whether it completed. */
export async function buildExample(globals: Globals, millrace: Millrace, folder: string, interrupted: AbortSignal): Promise<void> {
  const { actor, answer } = await triggerBuild(millrace, folder, { app: basename(folder) });
  if (!answer.accepted) throw new TerminalError(answer.code, `${actor} was refused: ${answer.reason}`, answer.hint === undefined ? {} : { hint: answer.hint });
  const isText = globals.output === 'text';
  if (isText) line(`\nbuilding ${folder} as ${actor}`);
  const ending = await followBuild(globals, millrace, actor, interrupted);
  if (isText) line('');
  tellEnding(globals, ending, () => `interrupted; ${actor} goes on with the next worker on this data folder`);
  if (isText && ending.ended) await explain(globals, millrace, actor, ending);
}

/** The finished build, record by record, and where everything is. */
async function explain(globals: Globals, millrace: Millrace, actor: ActorName, ending: Ending): Promise<void> {
  line('\nits log, the whole truth about it:');
  for (const record of await millrace.history(actor)) tellRecord(globals, record, false);
  const output = ending.output as { output?: { location?: string; artifact?: string } } | null;
  line('\nwhere everything is:');
  if (output?.output?.location !== undefined) line(`  release   ${output.output.location}`);
  if (output?.output?.artifact !== undefined) line(`  artifact  sha256 ${output.output.artifact}, in the object store`);
  line(`  data      ${globals.data}`);
  line(`  look      npx millrace show ${actor}, history ${actor}, logs ${actor}`);
  line('            npx millrace ls, audit verify');
}
