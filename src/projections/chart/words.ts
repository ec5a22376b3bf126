import { delayText } from './delays.ts';

/*
 * Guards and actions as people read them. XState's own are functions that carry what they do as properties.
 */

interface Carried {
  readonly name?: string;
  readonly type?: string;
  readonly guards?: readonly unknown[];
  readonly stateValue?: unknown;
  readonly check?: unknown;
  readonly resolve?: unknown;
  readonly [property: string]: unknown;
}

/** `enough`, `young(3)`, `even and not big`, `in paid`, or the expression of an inline guard. */
export const guardText = (guard: unknown): string => wordsOf(guard, false);

function wordsOf(guard: unknown, within: boolean): string {
  if (typeof guard !== 'function') return named(guard);
  const { name, guards, stateValue } = guard as unknown as Carried;
  if (guards !== undefined && name === 'not') return `not ${wordsOf(guards[0], true)}`;
  if (guards !== undefined) {
    const text = guards.map((one) => wordsOf(one, true)).join(name === 'or' ? ' or ' : ' and ');
    return within && guards.length > 1 ? `(${text})` : text;
  }
  if (stateValue !== undefined) return `in ${typeof stateValue === 'string' ? stateValue.replace(/^#/, '') : pathText(stateValue)}`;
  return inline(guard);
}

/** `print`, `record(a)`, `assign paid, tries`, `raise remind`, `send pay to bank/b1`, or the name of an inline function. */
export function actionText(action: unknown): string {
  if (typeof action !== 'function') return named(action);
  const built = action as unknown as Carried;
  if (built.resolve === undefined) return inline(action);
  const of = (word: string, ...rest: readonly unknown[]): string => [word, ...rest.map(valueText)].filter((part) => part !== '').join(' ');
  switch (built.type) {
    case 'xstate.assign': return of('assign', typeof built.assignment === 'object' ? Object.keys(built.assignment ?? {}).join(', ') : '');
    case 'xstate.raise': return of('raise', eventText(built.event)) + delayed(built.delay);
    case 'xstate.sendTo': return of('send', eventText(built.event), 'to', targetText(built.to)) + delayed(built.delay);
    case 'xstate.emit': return of('emit', eventText(built.event));
    case 'xstate.cancel': return of('cancel', built.sendId);
    case 'xstate.log': return of('log', built.label ?? built.value);
    case 'xstate.spawnChild': return of('spawn', built.src, ...(built.id === undefined ? [] : ['as', built.id]));
    case 'xstate.stopChild': return of('stop', built.actorRef);
    case 'millrace.abort': return of('abort', built.id);
    default: return (built.type ?? '').replace(/^xstate\./, '') || 'inline';
  }
}

/** An invoke's source: its name; of inline logic its machine's id. */
export const logicText = (src: unknown): string => (typeof src === 'string' ? src : (((src ?? {}) as { id?: unknown }).id as string | undefined) ?? 'inline');

/** A name, or a name with its parameters; parameters made by a function are left out. */
function named(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  const { type, params } = (reference ?? {}) as { type?: unknown; params?: unknown };
  if (typeof params !== 'object' || params === null) return String(type);
  const entries = Object.entries(params).filter(([, value]) => typeof value !== 'function');
  const told = entries.map(([key, value]) => (entries.length === 1 ? valueText(value) : `${key}: ${valueText(value)}`)).join(', ');
  return told === '' ? String(type) : `${String(type)}(${told})`;
}

const longest = 48;
/** What JavaScript names a function after when it stands as one of these properties of a config. */
const places = new Set(['', 'guard', 'actions', 'entry', 'exit', 'anonymous']);

/** A short expression says more than any name; a function with a body has only its name. */
function inline(code: { readonly name: string }): string {
  if (!places.has(code.name)) return code.name;
  const body = /^(?:\([^)]*\)|\w+)\s*=>\s*([^{][\s\S]*)$/.exec(sourceOf(code))?.[1]?.replaceAll(/\s+/g, ' ').trim();
  return body === undefined || body.length > longest ? 'inline' : body;
}

const sourceOf = (code: object): string => Function.prototype.toString.call(code);

const delayed = (delay: unknown): string => (delay === undefined ? '' : ` after ${typeof delay === 'number' ? delayText(delay) : valueText(delay)}`);

const eventText = (event: unknown): string => (typeof event === 'function' ? 'an event' : String((event as { type?: unknown } | undefined)?.type ?? event));

function targetText(to: unknown): string {
  if (to === '#_parent') return 'parent';
  if (typeof to === 'string') return to;
  const { id } = (to ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : 'an actor';
}

const valueText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return typeof value === 'function' ? '…' : (JSON.stringify(value) ?? '');
};

/** `{ a: { b: 'c' } }` as `a.b.c`. */
function pathText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value).map(([key, inner]) => (typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0 ? key : `${key}.${pathText(inner)}`)).join(' and ');
}
