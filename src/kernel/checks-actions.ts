import { requireKnown, type Known } from './checks-known.ts';
import { TerminalError } from './errors.ts';
import { isToken } from './names.ts';
import { actionsOf, type StateNode } from './xstate-nodes.ts';

interface BuiltIn {
  readonly type?: string;
  readonly resolve?: unknown;
  readonly src?: unknown;
  readonly id?: unknown;
}

type Implementations = Readonly<Record<string, unknown>>;

/** Actions are named, or XState's own. A plain inline function would be an effect without a name. @throws TerminalError */
export function checkActions(node: StateNode, implementations: Implementations, known: Known): void {
  for (const action of actionsOf(node)) checkAction(node, action, implementations, known);
}

function checkAction(node: StateNode, action: unknown, implementations: Implementations, known: Known): void {
  const where = `an action in "${node.id}"`;
  if (typeof action === 'function' && !isBuiltIn(action)) {
    throw new TerminalError('inline_action', `${where} is an inline function${action.name === '' ? '' : ` ("${action.name}")`}`, {
      hint: 'name it in setup({ actions }) and refer to it by that name; work that can fail belongs in an activity',
    });
  }
  const name = typeof action === 'string' ? action : (action as { type?: string }).type;
  const resolved = typeof action === 'function' || name === undefined ? action : implementations[name];
  if (isBuiltIn(resolved) && resolved.type === 'xstate.spawnChild') checkSpawn(resolved, where, known);
}

/** XState's own actions, and `abort`, are resolved by the chart and never executed. */
export const isBuiltIn = (action: unknown): action is BuiltIn => typeof action === 'function' && 'resolve' in action;

function checkSpawn({ src, id }: BuiltIn, where: string, known: Known): void {
  if (typeof src !== 'string') {
    throw new TerminalError('inline_logic', `${where} spawns inline logic`, { hint: 'name it in setup({ actors }) and spawn it by that name' });
  }
  // An id that is made by a function is checked when it is made.
  if (typeof id !== 'function' && (typeof id !== 'string' || !isToken(id))) {
    throw new TerminalError('spawn_without_id', `${where} spawns "${src}" without an id that is one subject token`, { hint: 'write spawnChild("name", { id: "its-id" })' });
  }
  requireKnown(src, known, where);
}
