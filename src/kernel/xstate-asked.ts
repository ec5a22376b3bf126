import type { AnyActorRef, AnyEventObject } from 'xstate';
import { TerminalError } from './errors.ts';
import { ParentMark, type RawAction } from './xstate-scope.ts';

export type SendTarget =
  | { readonly kind: 'child'; readonly id: string }
  /** A reference such as `actorRef` makes; not yet checked. */
  | { readonly kind: 'actor'; readonly name: string }
  | { readonly kind: 'self' }
  | { readonly kind: 'parent' };

/** What a step asks for, in Millrace's words; values are still what the chart made them. */
export type Asked =
  | { readonly kind: 'timer'; readonly id: string | undefined; readonly delay: number; readonly event: AnyEventObject }
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'spawn'; readonly id: string; readonly src: string; readonly input: unknown }
  | { readonly kind: 'stop'; readonly id: string }
  | { readonly kind: 'abort'; readonly id: string }
  | { readonly kind: 'send'; readonly to: SendTarget; readonly event: AnyEventObject; readonly id: string | undefined; readonly delay: number | undefined }
  | { readonly kind: 'emit'; readonly event: AnyEventObject }
  | { readonly kind: 'action'; readonly name: string; readonly params: unknown };

interface Params {
  readonly id?: unknown;
  readonly sendId?: string;
  readonly src?: unknown;
  readonly input?: unknown;
  readonly actorRef?: AnyActorRef;
  readonly event: AnyEventObject;
  readonly delay?: number;
  readonly to?: unknown;
}

/** Read XState's actions once the whole step is done: it completes the parameters of `sendTo` late. */
export function asked(actions: readonly RawAction[], self: unknown, implementations: Readonly<Record<string, unknown>>): readonly Asked[] {
  const all: Asked[] = [];
  for (const action of actions) {
    const one = read(action, self, implementations);
    if (one !== undefined) all.push(one);
  }
  return spawnsBeforeSends(all);
}

function read(action: RawAction, self: unknown, implementations: Readonly<Record<string, unknown>>): Asked | undefined {
  const params = (action.params ?? {}) as Params;
  const { event } = params;
  const id = typeof params.id === 'string' ? params.id : undefined;
  switch (action.type) {
    // Without a delay it was consumed in the same step.
    case 'xstate.raise': return params.delay === undefined ? undefined : { kind: 'timer', id, delay: params.delay, event };
    case 'xstate.cancel': return { kind: 'cancel', id: String(params.sendId) };
    case 'xstate.spawnChild': return readSpawn(params);
    case 'xstate.stopChild': return id === undefined ? undefined : { kind: 'stop', id };
    case 'xstate.sendTo': return { kind: 'send', to: targetOf(params.to, self), event, id, delay: params.delay };
    case 'xstate.emit': return { kind: 'emit', event };
    case 'xstate.log': return undefined;
    case 'millrace.abort': return { kind: 'abort', id: String(params.id) };
    default: return readAction(action, implementations);
  }
}

function readSpawn(params: Params): Asked {
  const { actorRef, src, input } = params;
  if (typeof src !== 'string') {
    throw new TerminalError('inline_logic', 'spawnChild was given logic instead of a name', { hint: 'name the logic in setup({ actors }) and spawn it by that name' });
  }
  if (actorRef === undefined) {
    throw new TerminalError('missing_activity', `nothing is registered under the name "${src}"`, { hint: 'name it in setup({ actors }), or in activities or children of defineMachine' });
  }
  return { kind: 'spawn', id: actorRef.id, src, input };
}

function readAction(action: RawAction, implementations: Readonly<Record<string, unknown>>): Asked | undefined {
  if (typeof action.exec !== 'function') return undefined;
  if (implementations[action.type] !== action.exec) {
    throw new TerminalError('inline_action', `the action "${action.type}" is an inline function`, { hint: 'name it in setup({ actions }) and refer to it by that name' });
  }
  return { kind: 'action', name: action.type, params: action.params };
}

function targetOf(to: unknown, self: unknown): SendTarget {
  if (to === self) return { kind: 'self' };
  if (to instanceof ParentMark) return { kind: 'parent' };
  const { id, sessionId } = (to ?? {}) as { id?: unknown; sessionId?: unknown };
  if (typeof id !== 'string') {
    throw new TerminalError('bad_send_target', 'sendTo was given something that is no actor', { hint: 'use actorRef("<type>/<id>"), the id of an invoked child, or sendParent' });
  }
  return sessionId === undefined ? { kind: 'actor', name: id } : { kind: 'child', id };
}

/** A child is started before it is sent anything; XState asks for both the other way round in entry actions. */
function spawnsBeforeSends(all: Asked[]): readonly Asked[] {
  for (let i = 0; i < all.length; i++) {
    const one = all[i];
    if (one?.kind !== 'send' || one.to.kind !== 'child') continue;
    const { id } = one.to;
    if (all.slice(0, i).some((other) => other.kind === 'spawn' && other.id === id)) continue;
    // A stop in between means that the one before it is addressed.
    const at = all.findIndex((other, j) => j > i && (other.kind === 'spawn' || other.kind === 'stop') && other.id === id);
    if (all[at]?.kind === 'spawn') all.splice(i, 0, ...all.splice(at, 1));
  }
  return all;
}
