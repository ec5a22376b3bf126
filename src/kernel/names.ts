import { TerminalError } from './errors.ts';
import { reservedPrefixes, type ActorName } from './record.ts';

const token = /^[A-Za-z0-9_-]+$/;

/** One NATS subject token of `a-z A-Z 0-9 - _`: types, ids, commands, versions and timers are such. */
export const isToken = (value: string): boolean => token.test(value);

const tokenHint = 'use letters, digits, - and _ only: no dots, blanks, wildcards or slashes';

/** @throws TerminalError `code` when it is not one subject token. */
export function requireToken(value: string, code: string, what: string): void {
  if (!isToken(value)) throw new TerminalError(code, `${what} ${JSON.stringify(value)} is not one subject token`, { hint: tokenHint });
}

/** `<type>/<id>` taken apart. @throws TerminalError `bad_actor_name`. */
export function parseActor(name: string): { readonly actor: ActorName; readonly type: string; readonly id: string } {
  const [type = '', id = '', ...rest] = name.split('/');
  if (rest.length > 0 || !isToken(type) || !isToken(id)) {
    throw new TerminalError('bad_actor_name', `${JSON.stringify(name)} does not name an actor`, {
      hint: 'an actor is "<type>/<id>", such as build/b42; each part is letters, digits, - and _ only',
    });
  }
  return { actor: `${type}/${id}`, type, id };
}

/** @throws TerminalError `bad_actor_name`. */
export const actorName = (type: string, id: string): ActorName => parseActor(`${type}/${id}`).actor;

/** Why this cannot be a command's or an event's name; undefined when it can. */
export function commandProblem(name: string): string | undefined {
  const prefix = reservedPrefixes.find((reserved) => name.startsWith(reserved));
  if (prefix !== undefined) return `${JSON.stringify(name)} begins with "${prefix}", which is kept for facts and XState's own events`;
  if (name.startsWith('_')) return `${JSON.stringify(name)} begins with "_", which is kept for what workers send each other`;
  return isToken(name) ? undefined : `${JSON.stringify(name)} is not one subject token`;
}
