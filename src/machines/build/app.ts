import { z } from 'zod';
import { TerminalError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';

/** An app as it stands in its entity. Keys this version of Millrace does not know are kept. */
const schema = z.looseObject({
  /** The build that created the app. */
  build: z.string().optional(),
  /** The last version number handed out. */
  counter: z.int().min(0).default(0),
  /** Which build got which number. */
  numbers: z.record(z.string(), z.int()).default({}),
  active: z.string().optional(),
  /** What was active before, the latest last. */
  before: z.array(z.string()).default([]),
});

const plain = z.record(z.string(), z.json());

export type App = Readonly<z.output<typeof schema>>;

const keptNumbers = 64;
const keptBefore = 20;

export function parseApp(app: string, value: JsonObject): App {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TerminalError('bad_app', `The entity of app ${app} cannot be read: ${z.prettifyError(parsed.error)}`,
    { hint: 'Somebody else wrote it. Repair or remove the entity.' });
}

/** As it is stored: what is empty is left out. */
export function storedApp({ numbers, before, active, ...rest }: App): JsonObject {
  return {
    ...plain.parse(rest),
    ...(Object.keys(numbers).length === 0 ? {} : { numbers }),
    ...(before.length === 0 ? {} : { before }),
    ...(active === undefined ? {} : { active }),
  };
}

/** The build's number: the one it has already, else the next. */
export function takeNumber(app: App | undefined, build: string): App {
  if (app === undefined) return { build, counter: 1, numbers: { [build]: 1 }, before: [] };
  if (app.numbers[build] !== undefined) return app;
  const counter = app.counter + 1;
  return { ...app, counter, numbers: { ...app.numbers, [build]: counter } };
}

/** Hands the number back; the counter goes back only when nobody has moved it since. */
export function giveNumberBack(app: App, build: string): App {
  const { [build]: number, ...numbers } = app.numbers;
  if (number === undefined) return app;
  return { ...app, numbers, counter: app.counter === number ? number - 1 : app.counter };
}

/** Was the number of `version` given back, and taken by another build since? */
export const isAnothers = (app: App | undefined, build: string, version: string): boolean =>
  Object.entries(app?.numbers ?? {}).some(([other, number]) => other !== build && version === `v${number}`);

/** A build created it, and no build uses it any more. Its versions are the caller's to ask for. */
export const isUnused = (app: App): boolean =>
  app.build !== undefined && app.active === undefined && app.before.length === 0 && Object.keys(app.numbers).length === 0;

/** Makes `version` the active one, once: repeated after a newer activation it changes nothing. */
export function pushActive(app: App, version: string): App {
  if (app.active === version || app.before.includes(version)) return app;
  return { ...app, active: version, before: app.active === undefined ? app.before : [...app.before, app.active] };
}

/** Takes `version` out: what was before it is active again, or the newer one stays. */
export function dropActive(app: App, version: string): App {
  if (app.active === version) return { ...app, active: app.before.at(-1), before: app.before.slice(0, -1) };
  if (!app.before.includes(version)) return app;
  return { ...app, before: app.before.filter((other) => other !== version) };
}

/** Forgets what no build in flight can still ask for, so that the entity stays small. */
export function trimApp(app: App): App {
  const numbers = Object.entries(app.numbers);
  if (numbers.length <= keptNumbers && app.before.length <= keptBefore) return app;
  const newest = numbers.toSorted(([, a], [, b]) => a - b).slice(-keptNumbers);
  return { ...app, numbers: Object.fromEntries(newest), before: app.before.slice(-keptBefore) };
}
