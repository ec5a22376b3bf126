import { list } from '../../kernel/xstate-nodes.ts';
import type { ChartNode } from './nodes.ts';
import { actionText, logicText } from './words.ts';

export type StateKind = 'atomic' | 'compound' | 'parallel' | 'final' | 'history' | 'deep-history';

export interface ChartInvoke {
  readonly id: string;
  readonly src: string;
}

export interface ChartState {
  readonly id: string;
  /** Its name within its parent. */
  readonly key: string;
  /** Keys from the root to it; empty for the root. */
  readonly path: readonly string[];
  readonly parent: string | null;
  readonly kind: StateKind;
  readonly description: string | null;
  readonly tags: readonly string[];
  /** The child it begins in; null for all but compound states. */
  readonly initial: string | null;
  readonly invokes: readonly ChartInvoke[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
}

export function stateOf(node: ChartNode): ChartState {
  return {
    id: node.id,
    key: node.key,
    path: node.path,
    parent: node.parent?.id ?? null,
    kind: node.type === 'history' && node.history === 'deep' ? 'deep-history' : node.type,
    description: node.description ?? null,
    tags: node.tags,
    initial: node.type === 'compound' ? (node.initial?.target[0]?.id ?? null) : null,
    invokes: node.invoke.map(({ id }, i) => ({ id: String(id), src: logicText(list(node.config.invoke)[i]?.src) })),
    entry: [...list(node.config.entry).map(actionText), ...initialActions(node)],
    exit: list(node.config.exit).map(actionText),
  };
}

/** Done when the state is entered without naming a child: to whoever reads the chart, on entry. */
const initialActions = (node: ChartNode): readonly string[] => (node.type === 'compound' ? (node.initial?.actions ?? []).map((action) => `${actionText(action)} (initially)`) : []);
