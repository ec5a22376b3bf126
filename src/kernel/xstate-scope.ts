import { createEmptyActor, type AnyActorRef, type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import type { ActorName } from './record.ts';
import type { Watcher } from './xstate-memo.ts';

/** What XState hands to its executor: an action with its parameters resolved. */
export interface RawAction {
  readonly type: string;
  readonly params: unknown;
  readonly exec: unknown;
}

/** On whose behalf a chart is asked. */
export interface Who {
  readonly actor: ActorName;
  readonly parent: ActorName | undefined;
  /** When the record that is folded was accepted, ms since the epoch. */
  readonly at?: number;
  /** What led to that record. */
  readonly cause?: string;
}

export type MachineScope = Parameters<AnyStateMachine['transition']>[2];

/** Marks the parent in `sendTo` parameters: XState only needs an object there. */
export class ParentMark {}
const parentMark = new ParentMark();

export interface Scope {
  /** Run `work` with a scope that knows only what it is given here, and collect the actions it asks for. */
  run<T>(who: Who, snapshot: AnyMachineSnapshot | undefined, work: (scope: MachineScope) => T): { readonly result: T; readonly actions: readonly RawAction[] };
  readonly self: unknown;
}

type ChildRef = AnyActorRef & { readonly systemId?: string };
type ActorParts = { id: string; sessionId: string; at: number; cause: string; system: unknown; _parent: unknown; _snapshot: unknown };

/**
 * The hand-made actor scope of XState 5.33's `machine.transition`. One serves a whole definition: all that
 * could be carried from one call to the next is set anew by `run`, so a result depends on its arguments only.
 */
export function createScope(watcher?: Pick<Watcher, 'executed'>): Scope {
  const keyed = new Map<string, ChildRef>();
  const actor = createEmptyActor();
  const self = actor as unknown as ActorParts;
  const system = inertSystem(keyed, actor.system as unknown as Record<string, unknown>);
  self.system = system;
  self.sessionId = 'millrace';
  let actions: RawAction[] = [];
  const scope = {
    self: actor, id: '', sessionId: 'millrace', system,
    logger: nothing, defer: nothing, emit: nothing, stopChild: nothing,
    actionExecutor(action: RawAction & { info: { event: AnyEventObject } }) {
      watcher?.executed(action, action.info.event);
      // Frees the `systemId` at once, so that a re-entered invoke can take it again.
      if (action.type === 'xstate.stopChild' && typeof action.exec === 'function') action.exec(action.info, action.params);
      actions.push(action);
    },
  };
  const machineScope = scope as unknown as MachineScope;
  const executor = scope.actionExecutor;
  return {
    self: actor,
    run(who, snapshot, work) {
      keyed.clear();
      for (const child of Object.values<ChildRef | undefined>(snapshot?.children ?? {})) {
        if (child?.systemId !== undefined) keyed.set(child.systemId, child);
      }
      scope.actionExecutor = executor;
      scope.id = self.id = who.actor;
      self.at = who.at ?? 0;
      self.cause = who.cause ?? '';
      self._parent = who.parent === undefined ? undefined : parentMark;
      self._snapshot = snapshot;
      actions = [];
      try {
        return { result: work(machineScope), actions };
      } finally {
        self._snapshot = undefined;
        actions = [];
      }
    },
  };
}

function nothing(): void {
  // Effects are collected, never executed here.
}

function inertSystem(keyed: Map<string, ChildRef>, real: Record<string, unknown>): unknown {
  return {
    ...real,
    _bookId: () => 'millrace',
    _register: (sessionId: string) => sessionId,
    _unregister: (ref: ChildRef) => {
      if (ref.systemId !== undefined && keyed.get(ref.systemId) === ref) keyed.delete(ref.systemId);
    },
    _set: (systemId: string, ref: ChildRef) => {
      const existing = keyed.get(systemId);
      if (existing !== undefined && existing !== ref) throw new Error(`Actor with system ID '${systemId}' already exists.`);
      keyed.set(systemId, ref);
    },
    get: (systemId: string) => keyed.get(systemId),
    getAll: () => Object.fromEntries(keyed),
    _sendInspectionEvent: nothing,
    _relay: () => { throw new Error('a durable chart cannot send from inside a function; use raise, sendTo or emit as actions'); },
    scheduler: { schedule: nothing, cancel: nothing, cancelAll: nothing },
    start: nothing,
  };
}
