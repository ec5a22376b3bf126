import { TerminalError } from '../kernel/errors.ts';
import { actorName, parseActor } from '../kernel/names.ts';
import type { ActorName } from '../kernel/record.ts';

/** `r1` or `run/r1`. @throws TerminalError `bad_actor_name`. */
export function runActor(name: string): ActorName {
  if (!name.includes('/')) return actorName('run', name);
  const { actor, type } = parseActor(name);
  if (type === 'run') return actor;
  throw new TerminalError('bad_actor_name', `${actor} is no run`, { hint: `give a run, such as r1 or run/r1; see \`millrace ls run\`, or \`millrace show ${actor}\` for this one` });
}
