import { TerminalError } from './errors.ts';
import { transitionsOf, type StateNode } from './xstate-nodes.ts';

type Implementations = Readonly<Record<string, unknown>>;

/** Every named guard has an implementation, also inside `and`, `or` and `not`. Inline guards are pure and allowed. */
export function checkGuards(node: StateNode, implementations: Implementations): void {
  for (const { guard } of transitionsOf(node)) checkGuard(node, guard, implementations);
}

function checkGuard(node: StateNode, guard: unknown, implementations: Implementations): void {
  if (guard === undefined) return;
  if (typeof guard === 'function') {
    for (const inner of (guard as { guards?: readonly unknown[] }).guards ?? []) checkGuard(node, inner, implementations);
    return;
  }
  const name = typeof guard === 'string' ? guard : String((guard as { type?: unknown }).type);
  if (!Object.hasOwn(implementations, name)) {
    throw new TerminalError('missing_guard', `"${node.id}" asks the guard "${name}", which has no implementation`, { hint: 'give it in setup({ guards })' });
  }
}
