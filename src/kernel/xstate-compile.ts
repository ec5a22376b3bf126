import { and, type AnyActorLogic, type AnyStateMachine } from 'xstate';
import type { Definition } from './definition.ts';
import { createMemo, type Memo } from './xstate-memo.ts';
import { createScope, type Scope } from './xstate-scope.ts';
import { wrapChart } from './xstate-wrap.ts';

export interface Compiled {
  /** The chart with inert actors: charts decide, the host runs. */
  readonly machine: AnyStateMachine;
  readonly scope: Scope;
  /** What it has been seen to do; undefined where that cannot be seen. */
  readonly memo: Memo | undefined;
  readonly actions: Readonly<Record<string, unknown>>;
}

const cache = new WeakMap<Definition, Compiled>();

/** The chart as the kernel steps it, made once per definition. The user's machine is left as it is. */
export function compiled(definition: Definition): Compiled {
  const known = cache.get(definition);
  if (known !== undefined) return known;
  const chart = compile(definition);
  cache.set(definition, chart);
  return chart;
}

const defaultMaxIterations = 1000;

function compile(definition: Definition): Compiled {
  const names = new Set([
    ...Object.keys(definition.machine.implementations.actors), ...Object.keys(definition.activities), ...Object.keys(definition.children),
  ]);
  const machine = definition.machine.provide({ actors: Object.fromEntries([...names].map((name) => [name, inert])) }) as AnyStateMachine;
  const { maxIterations = Infinity } = machine.options;
  machine.options = { ...machine.options, maxIterations: Number.isFinite(maxIterations) ? maxIterations : defaultMaxIterations };
  keepInternalEventsFromWildcards(machine.root as unknown as Node);
  const memo = createMemo();
  const isWatched = wrapChart(machine, memo.watcher);
  return { machine, scope: createScope(memo.watcher), memo: isWatched ? memo : undefined, actions: machine.implementations.actions as Readonly<Record<string, unknown>> };
}

const active = Object.freeze({ status: 'active', output: undefined, error: undefined });

/** Stands for every activity and child: it exists, and that is all. */
const inert = {
  transition: (state: unknown) => state,
  getInitialSnapshot: () => active,
  getPersistedSnapshot: () => active,
  restoreSnapshot: () => active,
} as unknown as AnyActorLogic;

interface Node {
  readonly transitions: ReadonlyMap<string, readonly { guard: unknown }[]>;
  readonly states: Readonly<Record<string, Node>>;
}

/**
 * `on: {'*'}` is for commands. XState would let it take an ended activity, a due timer or a finished region
 * too, and a failure nobody handles would be taken for handled.
 */
function keepInternalEventsFromWildcards(node: Node): void {
  for (const transition of node.transitions.get('*') ?? []) {
    transition.guard = transition.guard === undefined ? isNotInternal : and([isNotInternal, transition.guard as never]);
  }
  for (const child of Object.values(node.states)) keepInternalEventsFromWildcards(child);
}

const isNotInternal = ({ event }: { event: { type: string } }): boolean => !event.type.startsWith('xstate.');
