import { waitingFor, type Waiting } from '../../adapters/nats/workers/waiting.ts';
import { withMillrace, type Globals } from '../globals.ts';
import { jsonLine, line, table } from '../print.ts';

/** `millrace ls --waiting`: which commands are stored for which machine or definition, and whether anybody carries it. */
export async function listWaiting(globals: Globals): Promise<void> {
  const found = await withMillrace(globals, ({ broker }) => waitingFor(broker));
  if (globals.output === 'json') jsonLine(found);
  else if (found.length === 0) line('no command waits');
  else table(['MACHINE', 'COMMANDS', 'ACTORS', 'WAITS FOR'], found.map((one) => [nameOf(one), String(one.commands), String(one.actors), one.carried ? 'its turn: a worker carries it' : 'a worker that carries it']));
}

const nameOf = ({ machine, version, hash }: Waiting): string => (version === undefined ? machine : `${machine} ${version} (${hash})`);
