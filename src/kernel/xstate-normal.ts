import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import { settled } from './canonical.ts';

interface Node { readonly id: string; readonly key: string; readonly order: number; readonly tags: readonly string[]; readonly states: Readonly<Record<string, Node>> }

/**
 * Bring a snapshot into the one form a restored snapshot has too. XState keeps active states, children and
 * history in the order they came about, and that order decides the order of later actions; without this a
 * host that holds an actor in memory and one that restored it could ask for the same effects under other ids.
 */
export function normalised(next: AnyMachineSnapshot, previous: AnyMachineSnapshot | undefined): AnyMachineSnapshot {
  const context = next.context === previous?.context ? next.context : settled(next.context, 'context_not_json', 'the context', previous?.context);
  const nodes = inOrder(next._nodes);
  const children = next.children === previous?.children ? next.children : sortedChildren(next.children);
  const historyValue = next.historyValue === previous?.historyValue ? next.historyValue : sortedHistory(next.historyValue);
  if (context === next.context && nodes === (next._nodes as unknown) && children === next.children && historyValue === (next.historyValue as unknown)) return next;
  const reordered = nodes === (next._nodes as unknown) ? {} : {
    _nodes: nodes, value: orderedValue(next.machine.root, next.value), tags: new Set(nodes.flatMap((node) => node.tags)),
  };
  return { ...next, ...reordered, context, children, historyValue } as unknown as AnyMachineSnapshot;
}

type History = Readonly<Record<string, readonly Node[]>>;

function inOrder(nodes: readonly Node[]): readonly Node[] {
  for (let i = 1; i < nodes.length; i++) {
    if ((nodes[i - 1] as Node).order > (nodes[i] as Node).order) return nodes.toSorted((a, b) => a.order - b.order);
  }
  return nodes;
}

function sortedChildren(children: Record<string, AnyActorRef | undefined>): Record<string, AnyActorRef | undefined> {
  const ids = Object.keys(children);
  if (ids.length < 2) return children;
  return Object.fromEntries(ids.sort().map((id) => [id, children[id]]));
}

function sortedHistory(history: History): History {
  const ids = Object.keys(history);
  return ids.length === 0 ? history : Object.fromEntries(ids.sort().map((id) => [id, inOrder(history[id] ?? [])]));
}

/** A state value whose regions stand in the order of the chart. */
function orderedValue(node: Node, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.values(node.states).filter((child) => child.key in members).map((child) => [child.key, orderedValue(child, members[child.key])]),
  );
}
