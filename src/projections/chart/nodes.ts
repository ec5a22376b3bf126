import type { Definition } from '../../kernel/definition.ts';
import { nodesOf, transitionsOf, type InvokeConfig, type StateNode, type Transition } from '../../kernel/xstate-nodes.ts';

/** What a chart reads of XState's state nodes, beyond what the kernel's checks do. */
export interface ChartNode extends Omit<StateNode, 'parent' | 'states' | 'transitions' | 'always'> {
  readonly key: string;
  readonly path: readonly string[];
  readonly history: false | 'shallow' | 'deep';
  readonly tags: readonly string[];
  readonly description: string | undefined;
  readonly parent: ChartNode | undefined;
  readonly states: Readonly<Record<string, ChartNode>>;
  readonly initial: { readonly target: readonly ChartNode[]; readonly actions: readonly unknown[] } | undefined;
  readonly invoke: readonly InvokeConfig[];
  readonly transitions: ReadonlyMap<string, readonly NodeTransition[]>;
  readonly always: readonly NodeTransition[] | undefined;
  readonly config: StateNode['config'] & { readonly target?: unknown };
}

export interface NodeTransition extends Transition {
  readonly target: readonly ChartNode[] | undefined;
  readonly source: ChartNode;
  readonly eventType: string;
  readonly reenter: boolean;
  readonly delay?: number | string;
  readonly description?: string;
}

/** Every state, the root first, parents before children. */
export const chartNodes = (machine: Definition['machine']): readonly ChartNode[] => nodesOf(machine) as unknown as readonly ChartNode[];

/** Every transition written in this state, in the order XState tries them. */
export const nodeTransitions = (node: ChartNode): readonly NodeTransition[] => transitionsOf(node) as readonly NodeTransition[];
