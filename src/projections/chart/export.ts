import type { Definition } from '../../kernel/definition.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { actionText, guardText, logicText } from './words.ts';

type Config = Readonly<Record<string, unknown>>;

/**
 * A config of plain JSON from which XState's `createMachine` makes a machine with the same chart: code stands
 * as a name that says what it does. What only runs (context, inputs, outputs) is left out.
 */
export function exportConfig(machine: Definition['machine']): JsonObject {
  // The id is spoken out: `setup` machines without one are called `(machine)`.
  return { id: machine.id, ...stateConfig(machine.config as Config) };
}

/** The same as the text of a module, for Stately's editor and for documents. */
export function exportModule(machine: Definition['machine']): string {
  return `import { createMachine } from ${JSON.stringify('xstate')};\n\nexport const machine = createMachine(${JSON.stringify(exportConfig(machine), null, 2)});\n`;
}

const kept = ['id', 'type', 'history', 'description', 'tags', 'meta', 'target', 'route'] as const;

function stateConfig(config: Config): JsonObject {
  return defined({
    ...Object.fromEntries(kept.map((key) => [key, key === 'route' ? routeConfig(config.route) : plain(config[key])])),
    initial: initialConfig(config.initial),
    entry: actions(config.entry),
    exit: actions(config.exit),
    invoke: config.invoke === undefined ? undefined : many(config.invoke).map(invokeConfig),
    on: events(config.on),
    after: events(config.after),
    always: config.always === undefined ? undefined : transitions(config.always),
    onDone: config.onDone === undefined ? undefined : transitions(config.onDone),
    states: mapped(config.states, (state) => stateConfig(state as Config)),
  });
}

function invokeConfig(invoke: unknown): Json {
  const { id, src, systemId, onDone, onError, onSnapshot } = invoke as Config;
  const ends = { onDone, onError, onSnapshot };
  return defined({
    id: plain(id), src: logicText(src), systemId: plain(systemId),
    ...Object.fromEntries(Object.entries(ends).map(([key, value]) => [key, value === undefined ? undefined : transitions(value)])),
  });
}

const events = (on: unknown): Json | undefined => mapped(on, transitions);

/** An event that is forbidden stays so: without a transition. */
const transitions = (value: unknown): Json => (value === undefined || value === null ? {} : many(value).map(transition));

function transition(value: unknown): Json {
  if (typeof value === 'string') return { target: value };
  const { target, guard, reenter, description, meta, actions: done } = value as Config;
  return defined({
    target: plain(target), reenter: plain(reenter), description: plain(description), meta: plain(meta), actions: actions(done),
    guard: guard === undefined ? undefined : reference(guard, guardText),
  });
}

function initialConfig(initial: unknown): Json | undefined {
  if (typeof initial !== 'object' || initial === null) return plain(initial);
  return defined({ target: plain((initial as Config).target), actions: actions((initial as Config).actions) });
}

const routeConfig = (route: unknown): Json | undefined => (route === undefined ? undefined : transition(route));

const actions = (value: unknown): Json | undefined => (value === undefined ? undefined : many(value).map((action) => reference(action, actionText)));

/** A name and its parameters, when they are plain; else one name for what it does. */
function reference(value: unknown, text: (value: unknown) => string): Json {
  if (typeof value === 'string') return value;
  const { type, params } = value as Config;
  const given = typeof value === 'object' ? plain(params) : undefined;
  return given === undefined ? { type: text(value) } : { type: String(type), params: given };
}

function mapped(value: unknown, each: (value: unknown) => Json): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, each(member)]));
}

const many = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const defined = (object: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as JsonObject;

/** What of it is JSON; code is dropped. */
function plain(value: unknown): Json | undefined {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}
