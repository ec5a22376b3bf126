import { getInitialMicrosteps, getMicrosteps, type AnyMachineSnapshot, type AnyStateMachine, type AnyStateNode } from 'xstate';
import type { SagaContext } from '../../../../src/machines/saga/types.ts';
import { terminal } from './specs.ts';

export interface Explored {
  readonly nodes: readonly AnyStateNode[];
  /** Ids of all invokes. */
  readonly invokes: readonly string[];
  readonly events: readonly { readonly type: string }[];
  /** Ids of every state the chart was in, if only for a moment. */
  readonly seen: ReadonlySet<string>;
  /** Every snapshot it can rest in. */
  readonly resting: readonly AnyMachineSnapshot[];
}

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)];

/** Of what people asked, only what is pending decides what can come. */
export function momentOf({ value, context }: AnyMachineSnapshot): unknown {
  const { requests, ...more } = context as SagaContext;
  return [value, more, requests.filter(({ state }) => state === 'pending').map(({ command }) => command)];
}

/** Sends every event at every moment. `keyOf`: moments with the same key count as one. */
export function explore(machine: AnyStateMachine, keyOf: (snapshot: AnyMachineSnapshot) => unknown = momentOf): Explored {
  const nodes = nodesOf(machine.root);
  const invokes = nodes.flatMap((node) => node.invoke.map((invoke) => invoke.id));
  const timers = nodes.flatMap((node) => [...node.transitions.keys()].filter((type) => type.startsWith('xstate.after')));
  const events = [
    ...['stop', 'start', 'cancel', 'retry-undo', 'abandon'].map((type) => ({ type })),
    ...timers.map((type) => ({ type })),
    ...invokes.flatMap((id) => [
      { type: `xstate.done.actor.${id}`, output: { found: true, gives: {} } },
      { type: `xstate.done.actor.${id}`, output: { found: false, gives: null } },
      { type: `xstate.error.actor.${id}`, error: { ...terminal, retryable: true } },
      { type: `xstate.error.actor.${id}`, error: terminal },
    ]),
  ];
  const seen = new Set<string>();
  const resting = new Map<string, AnyMachineSnapshot>();
  const queue: AnyMachineSnapshot[] = [];
  const visit = (microsteps: readonly (readonly [unknown, unknown])[]): void => {
    const snapshots = microsteps.map(([snapshot]) => snapshot as AnyMachineSnapshot);
    for (const snapshot of snapshots) for (const node of snapshot._nodes) seen.add(node.id);
    const last = snapshots.at(-1);
    if (!last) return;
    const key = JSON.stringify(keyOf(last));
    if (resting.has(key)) return;
    resting.set(key, last);
    queue.push(last);
  };
  visit(getInitialMicrosteps(machine, {}));
  for (let next = queue.shift(); next; next = queue.shift()) {
    const from = next;
    for (const event of events) if (from.can(event)) visit(getMicrosteps(machine, from, event as never));
  }
  return { nodes, invokes, events, seen, resting: [...resting.values()] };
}
