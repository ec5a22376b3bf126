import { spawnChild, type AnyActorRef, type AnyMachineSnapshot } from 'xstate';
import type { Args, BuiltIn } from './xstate-actions.ts';
import type { Invoke } from './xstate-sets.ts';

type Child = AnyActorRef & { readonly systemId?: string };

const idle = Object.freeze({ status: 'active', output: undefined, error: undefined });

/** Starts what a state invokes: a child that exists and does nothing, without the whole actor that XState makes. */
export function startOf(invoked: Invoke, inert: unknown): BuiltIn {
  const { id, src, systemId, input } = invoked;
  const whole = spawnChild(src as string, { ...invoked, syncSnapshot: invoked.onSnapshot !== undefined }) as unknown as BuiltIn;
  return builtIn('xstate.spawnChild', (scope, snapshot, args, params, self, extra) => {
    const logic = typeof src === 'string' ? (snapshot.machine.implementations.actors as Readonly<Record<string, unknown>>)[src] : undefined;
    if (systemId !== undefined || logic !== inert) return whole.resolve(scope, snapshot, args, params, whole, extra);
    const given: unknown = typeof input === 'function' ? (input as (args: unknown) => unknown)({ context: args.context, event: args.event, self: args.self }) : input;
    const actorRef = childRef(id, src, args);
    return [{ ...snapshot, children: { ...snapshot.children, [id]: actorRef } }, { id, systemId, actorRef, src, input: given }, undefined];
  }, () => undefined);
}

const childRef = (id: string, src: unknown, { self }: Args): AnyActorRef => ({
  id, src, sessionId: 'millrace', systemId: undefined, _parent: self, _syncSnapshot: false, _processingStatus: 0,
  getSnapshot: () => idle, getPersistedSnapshot: () => idle,
}) as unknown as AnyActorRef;

/** Stops a child and forgets it, and lets go of its system-wide name at once. */
export function stopOf(id: string): BuiltIn {
  return builtIn('xstate.stopChild', (_scope, snapshot) => {
    const { [id]: child, ...children } = snapshot.children;
    return [{ ...snapshot, children }, child, undefined];
  }, (scope, child) => {
    if ((child as Child | undefined)?.systemId !== undefined) (scope as { system: { _unregister(child: unknown): void } }).system._unregister(child);
  });
}

export const stopsOf = ({ children }: AnyMachineSnapshot): readonly BuiltIn[] => Object.keys(children).map(stopOf);

const builtIn = (type: string, resolve: BuiltIn['resolve'], execute: NonNullable<BuiltIn['execute']>): BuiltIn =>
  Object.assign((): void => undefined, { type, resolve, execute });
