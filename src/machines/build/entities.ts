import { MillraceError, RetryableError, TerminalError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { ActorName } from '../../kernel/record.ts';
import { parseApp, storedApp, type App } from './app.ts';
import type { Entities } from './ports.ts';
import { kinds } from './values.ts';

const tries = 16;

export async function readApp(entities: Entities, app: string): Promise<App | undefined> {
  const entity = await entities.get(kinds.app, app);
  return entity && parseApp(app, entity.value);
}

/**
 * Changes an app by compare-and-set, deciding anew when somebody else was faster. Returning the
 * same app writes nothing; returning undefined removes it.
 */
export async function changeApp(
  entities: Entities, app: string, change: (current: App | undefined) => App | undefined | Promise<App | undefined>,
): Promise<App | undefined> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const entity = await entities.get(kinds.app, app);
    const current = entity && parseApp(app, entity.value);
    const next = await change(current);
    if (next === current) return current;
    if (await store(entities, app, next, entity?.revision)) return next;
  }
  throw new RetryableError('entity_changed', `App ${app} was changed by others ${tries} times in a row.`,
    { hint: 'It is busy; the step is tried again.' });
}

async function store(entities: Entities, app: string, next: App | undefined, revision: number | undefined): Promise<boolean> {
  try {
    if (next === undefined) return await entities.remove(kinds.app, app, revision);
    if (revision === undefined) await entities.create(kinds.app, app, storedApp(next));
    else await entities.update(kinds.app, app, storedApp(next), revision);
    return true;
  } catch (error) {
    if (hasCode(error, 'entity_exists') || hasCode(error, 'entity_changed')) return false;
    throw error;
  }
}

/** Creates an entity that belongs to `build`. Finding our own from before a crash is success. */
export async function createOwn(entities: Entities, kind: string, id: string, build: ActorName, value: JsonObject): Promise<void> {
  try {
    await entities.create(kind, id, { build, ...value });
  } catch (error) {
    if (!hasCode(error, 'entity_exists')) throw error;
    const there = await entities.get(kind, id);
    const owner = there?.value['build'];
    if (owner === build) return;
    throw new TerminalError(`${kind}_taken`, `${kind} ${id} exists already and belongs to ${typeof owner === 'string' ? owner : 'somebody else'}.`,
      { hint: 'Remove it if nobody needs it, then start a new build.', cause: error });
  }
}

/** Removes an entity if it is `build`'s own; says whether there was one. */
export async function removeOwn(entities: Entities, kind: string, id: string, build: ActorName): Promise<boolean> {
  const there = await entities.get(kind, id);
  if (there?.value['build'] !== build) return false;
  return await entities.remove(kind, id, there.revision);
}

const hasCode = (error: unknown, code: string): boolean => error instanceof MillraceError && error.code === code;
