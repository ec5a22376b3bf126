/*
 * Which states a transition leaves and enters: XState's (and SCXML's) own rules, for charts without
 * history. They depend on the chart and the active states only, so `xstate-moves.ts` asks once and remembers.
 */

/** What stepping looks at in XState's state nodes. */
export interface Node {
  readonly id: string;
  readonly key: string;
  readonly order: number;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly parent: Node | undefined;
  readonly states: Readonly<Record<string, Node>>;
  readonly tags: readonly string[];
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly invoke: readonly Invoke[];
  readonly initial: { readonly target: readonly Node[]; readonly actions: readonly unknown[] };
  readonly always: readonly Transition[] | undefined;
  readonly output: unknown;
  readonly transitions: ReadonlyMap<string, unknown>;
  next(snapshot: unknown, event: unknown): readonly Transition[] | undefined;
}

export interface Transition {
  readonly source: Node;
  readonly target: readonly Node[] | undefined;
  readonly reenter: boolean;
  readonly actions: readonly unknown[];
  readonly guard: unknown;
}

export interface Invoke {
  readonly id: string;
  readonly src: unknown;
  readonly systemId: string | undefined;
  readonly input: unknown;
  readonly onSnapshot?: unknown;
}

export const childrenOf = (node: Node): readonly Node[] => Object.values(node.states);
export const isLeaf = (node: Node): boolean => node.type === 'atomic' || node.type === 'final';

/** Without `ancestor` everything is below. */
export function isBelow(node: Node, ancestor: Node | undefined): boolean {
  let at = node;
  while (at.parent !== undefined && at.parent !== ancestor) at = at.parent;
  return at.parent === ancestor;
}

/** From the parent up to, not including, `end`. */
export function ancestorsOf(node: Node, end?: Node): Node[] {
  const above: Node[] = [];
  if (node === end) return above;
  for (let at = node.parent; at !== undefined && at !== end; at = at.parent) above.push(at);
  return above;
}

/** The state inside which a transition happens; undefined when the root itself is left and entered again. */
function domainOf(transition: Transition): Node | undefined {
  const { source, target = [], reenter } = transition;
  if (!reenter && target.every((node) => node === source || isBelow(node, source))) return source;
  const [head, ...tail] = [...new Set(target), source];
  const common = ancestorsOf(head).find((ancestor) => tail.every((node) => isBelow(node, ancestor)));
  if (common !== undefined || reenter) return common;
  return [source, ...ancestorsOf(source)].at(-1);
}

export function exitSet(transitions: readonly Transition[], active: Iterable<Node>): Set<Node> {
  const left = new Set<Node>();
  for (const transition of transitions) {
    if ((transition.target ?? []).length === 0) continue;
    const domain = domainOf(transition);
    for (const node of active) if (isBelow(node, domain)) left.add(node);
  }
  return left;
}

/** Of transitions that leave the same states, the innermost or first one goes ahead. */
export function withoutConflicts(enabled: readonly Transition[], active: ReadonlySet<Node>): readonly Transition[] {
  const kept = new Set<Transition>();
  for (const one of enabled) {
    const outdone: Transition[] = [];
    let preempted = false;
    for (const other of kept) {
      const theirs = exitSet([other], active);
      if (![...exitSet([one], active)].some((node) => theirs.has(node))) continue;
      if (!isBelow(one.source, other.source)) {
        preempted = true;
        break;
      }
      outdone.push(other);
    }
    if (preempted) continue;
    for (const other of outdone) kept.delete(other);
    kept.add(one);
  }
  return [...kept];
}

export interface Entered {
  readonly nodes: Set<Node>;
  /** Those whose `initial` actions run. */
  readonly byDefault: Set<Node>;
}

/** What is entered first of all. */
export function initialTransition(root: Node): Transition {
  const target: Node[] = [];
  const add = (node: Node): void => {
    target.push(node);
    const next = node.type === 'compound' ? node.initial.target.slice(0, 1) : node.type === 'parallel' ? childrenOf(node) : [];
    next.forEach(add);
  };
  add(root);
  return { source: root, target, reenter: true, actions: [], guard: undefined };
}

export function entrySet(transitions: readonly Transition[]): Entered {
  const entered: Entered = { nodes: new Set(), byDefault: new Set() };
  for (const transition of transitions) {
    const { source, target = [], reenter } = transition;
    const domain = domainOf(transition);
    for (const node of target) {
      if (source !== node || source !== domain || reenter) addByDefault(entered, node);
      addBelow(entered, node);
    }
    for (const node of new Set(target)) {
      const above = ancestorsOf(node, domain);
      if (domain?.type === 'parallel') above.push(domain);
      addAbove(entered, above, source.parent === undefined && reenter ? undefined : domain);
    }
  }
  return entered;
}

function addByDefault({ nodes, byDefault }: Entered, node: Node): void {
  nodes.add(node);
  byDefault.add(node);
}

function addBelow(entered: Entered, node: Node): void {
  if (node.type === 'compound') {
    const [first] = node.initial.target;
    if (first === undefined) return;
    addByDefault(entered, first);
    addBelow(entered, first);
    addAbove(entered, ancestorsOf(first, node), undefined);
  } else if (node.type === 'parallel') {
    for (const child of regionsMissing(entered, node)) {
      addByDefault(entered, child);
      addBelow(entered, child);
    }
  }
}

function addAbove(entered: Entered, above: readonly Node[], within: Node | undefined): void {
  for (const node of above) {
    if (within === undefined || isBelow(node, within)) entered.nodes.add(node);
    if (node.type !== 'parallel') continue;
    for (const child of regionsMissing(entered, node)) {
      entered.nodes.add(child);
      addBelow(entered, child);
    }
  }
}

/** Looked at one by one: what is added for a region may lie in the next. */
function* regionsMissing({ nodes }: Entered, node: Node): Generator<Node> {
  for (const child of childrenOf(node)) {
    if (![...nodes].some((other) => isBelow(other, child))) yield child;
  }
}
