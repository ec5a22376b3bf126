import { startOf, stopOf } from './xstate-children.ts';
import { ancestorsOf, childrenOf, entrySet, exitSet, initialTransition, isLeaf, withoutConflicts, type Node, type Transition } from './xstate-sets.ts';

/** A set of active states, in the order they came about, with what follows from it alone. One object per set and order. */
export interface Configuration {
  readonly nodes: readonly Node[];
  readonly value: unknown;
  readonly tags: ReadonlySet<string>;
  /** Per active leaf, the states with eventless transitions from it upwards. */
  readonly eventless: readonly (readonly Node[])[];
  readonly children: ReadonlyMap<Node, readonly Node[]>;
  readonly moves: Map<Transition | string, Move>;
}

/** One state entered, and what its being final ends. */
export interface Entry {
  readonly node: Node;
  readonly actions: readonly unknown[];
  /** Children it starts: its actions may send to them before they are there. */
  readonly starting: readonly string[];
  readonly final: { readonly parent: Node | undefined; readonly regions: readonly Node[]; readonly root: Node | undefined } | undefined;
}

/** What transitions taken together do to the active states. */
export interface Move {
  /** Of the states left, then of the transitions. */
  readonly actions: readonly unknown[];
  readonly entries: readonly Entry[];
  readonly next: Configuration;
}

export interface Moves {
  configuration(nodes: readonly Node[]): Configuration;
  /** The same states in the order of the chart: the one form that is kept. */
  inOrder(configuration: Configuration): Configuration;
  move(from: Configuration, transitions: readonly Transition[]): Move;
  /** Into the states a new actor begins in. */
  first(): Move;
}

/** A chart has few sets of active states in practice; one with very many is forgotten and worked out again. */
const most = 4096;

/** Remembers, for one chart without history, where its transitions lead. */
export function movesOf(root: Node, inert: unknown): Moves {
  const known = new Map<string, Configuration>();
  const byNodes = new WeakMap<readonly Node[], Configuration>();
  const ids = new Map<Transition, number>();
  const idOf = (transition: Transition): number => {
    const id = ids.get(transition) ?? ids.size;
    ids.set(transition, id);
    return id;
  };

  function configuration(nodes: readonly Node[]): Configuration {
    const found = byNodes.get(nodes);
    if (found !== undefined) return found;
    const key = nodes.map(({ order }) => order).join();
    const made = known.get(key) ?? describe(root, nodes);
    if (known.size >= most) known.clear();
    known.set(key, made);
    byNodes.set(nodes, made);
    return made;
  }

  function move(from: Configuration, transitions: readonly Transition[]): Move {
    const [only] = transitions;
    const key = transitions.length === 1 && only !== undefined ? only : transitions.map(idOf).join();
    const found = from.moves.get(key);
    if (found !== undefined) return found;
    const active = new Set(from.nodes);
    const taken = withoutConflicts(transitions, active);
    const made = plan(from, taken, exitSet(taken, active), inert, configuration);
    from.moves.set(key, made);
    return made;
  }

  let begin: Move | undefined;
  const first = (): Move => (begin ??= plan(configuration([root]), [initialTransition(root)], new Set(), inert, configuration));

  return { configuration, move, first, inOrder: ({ nodes }) => configuration(isInOrder(nodes) ? nodes : nodes.toSorted((a, b) => a.order - b.order)) };
}

const isInOrder = (nodes: readonly Node[]): boolean => nodes.every((node, i) => i === 0 || (nodes[i - 1]?.order ?? -1) <= node.order);

function describe(root: Node, nodes: readonly Node[]): Configuration {
  const children = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) if (node.parent !== undefined) children.get(node.parent)?.push(node);
  return {
    nodes, children, value: valueOf(root, children), tags: new Set(nodes.flatMap(({ tags }) => tags)), moves: new Map(),
    eventless: nodes.filter(isLeaf).map((leaf) => [leaf, ...ancestorsOf(leaf)].filter(({ always }) => always !== undefined)),
  };
}

function valueOf(node: Node, children: ReadonlyMap<Node, readonly Node[]>): unknown {
  const inside = children.get(node) ?? [];
  const [only] = inside;
  if (node.type === 'compound' && only !== undefined && isLeaf(only)) return only.key;
  return Object.fromEntries(inside.map((child) => [child.key, valueOf(child, children)]));
}

function plan(from: Configuration, taken: readonly Transition[], left: ReadonlySet<Node>, inert: unknown, configuration: (nodes: readonly Node[]) => Configuration): Move {
  const active = new Set(from.nodes);
  const exits = [...left].sort((a, b) => b.order - a.order);
  for (const node of exits) active.delete(node);
  const { nodes, byDefault } = entrySet(taken);
  const completed = new Set<Node>();
  const entries = [...nodes].sort((a, b) => a.order - b.order).map((node): Entry => {
    active.add(node);
    const initial = byDefault.has(node) && !isLeaf(node) ? node.initial.actions : [];
    return {
      node,
      actions: [...node.entry, ...node.invoke.map((invoke) => startOf(invoke, inert)), ...initial],
      starting: node.invoke.map(({ id }) => id),
      final: node.type === 'final' ? ending(node, active, completed) : undefined,
    };
  });
  const same = active.size === from.nodes.length && from.nodes.every((node) => active.has(node));
  const leaving = exits.flatMap(({ exit, invoke }) => [...exit, ...invoke.map(({ id }) => stopOf(id))]);
  return { actions: [...leaving, ...taken.flatMap(({ actions }) => actions)], entries, next: same ? from : configuration([...active]) };
}

function ending(node: Node, active: ReadonlySet<Node>, completed: Set<Node>): Entry['final'] {
  const { parent } = node;
  let above = parent?.type === 'parallel' ? parent : parent?.parent;
  let root: Node = above ?? node;
  const regions: Node[] = [];
  while (above?.type === 'parallel' && !completed.has(above) && isFinal(above, active)) {
    completed.add(above);
    regions.push(above);
    root = above;
    above = above.parent;
  }
  return { parent: parent?.type === 'compound' ? parent : undefined, regions, root: above === undefined ? root : undefined };
}

function isFinal(node: Node, active: ReadonlySet<Node>): boolean {
  if (node.type === 'compound') return childrenOf(node).some((child) => child.type === 'final' && active.has(child));
  if (node.type === 'parallel') return childrenOf(node).every((child) => isFinal(child, active));
  return node.type === 'final';
}
