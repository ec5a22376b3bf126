import type { AnyStateMachine } from 'xstate';

/** What the checks look at in XState's state nodes. */
export interface StateNode {
  readonly id: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly parent: StateNode | undefined;
  readonly states: Readonly<Record<string, StateNode>>;
  readonly config: {
    readonly on?: Readonly<Record<string, unknown>>;
    readonly after?: Readonly<Record<string, unknown>>;
    readonly invoke?: InvokeConfig | readonly InvokeConfig[];
    readonly entry?: unknown;
    readonly exit?: unknown;
    readonly initial?: unknown;
  };
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
  readonly always: readonly Transition[] | undefined;
}

export interface Transition {
  readonly actions: readonly unknown[];
  readonly guard: unknown;
}

export interface InvokeConfig {
  readonly id?: unknown;
  readonly src?: unknown;
  readonly onSnapshot?: unknown;
}

export const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** Every state of the chart, the root first, parents before children. */
export function nodesOf(machine: AnyStateMachine): readonly StateNode[] {
  const below = (node: StateNode): StateNode[] => [node, ...Object.values(node.states).flatMap(below)];
  return below(machine.root as unknown as StateNode);
}

export const invokesOf = (node: StateNode): readonly InvokeConfig[] => list(node.config.invoke);

export const transitionsOf = (node: StateNode): readonly Transition[] => [...[...node.transitions.values()].flat(), ...(node.always ?? [])];

/** Every action written in this state: on entry, on exit, and of its transitions. */
export function actionsOf(node: StateNode): readonly unknown[] {
  const { entry, exit, initial } = node.config;
  const onInitial = typeof initial === 'object' && initial !== null ? list((initial as { actions?: unknown }).actions) : [];
  return [...list(entry), ...list(exit), ...onInitial, ...transitionsOf(node).flatMap(({ actions }) => actions)];
}

/** Can both be active at once? */
export function together(a: StateNode, b: StateNode): boolean {
  const path = (node: StateNode | undefined): StateNode[] => (node === undefined ? [] : [...path(node.parent), node]);
  const [left, right] = [path(a), path(b)];
  const fork = left.findIndex((node, i) => node !== right[i]);
  return fork === -1 || fork >= right.length || left[fork - 1]?.type === 'parallel';
}
