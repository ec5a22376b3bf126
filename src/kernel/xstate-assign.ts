import type { AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { TerminalError } from './errors.ts';

type Assignment = (args: unknown, params: unknown) => Readonly<Record<string, unknown>>;

interface AssignAction {
  readonly type: 'xstate.assign';
  readonly assignment: Assignment | Readonly<Record<string, unknown>>;
}

interface Args {
  readonly event: AnyEventObject;
  readonly self: unknown;
  readonly system: unknown;
}

const isAssign = (action: unknown): action is AssignAction => typeof action === 'function' && (action as { type?: unknown }).type === 'xstate.assign';

/**
 * XState's own `assign` works out the whole state value anew each time, though only the context changes;
 * in a chart with many assigns that is most of a step's cost. This one does not. Any other action as it is.
 */
export function withQuickAssign(action: unknown): unknown {
  if (!isAssign(action)) return action;
  const { assignment } = action;
  const resolve = (_scope: unknown, snapshot: AnyMachineSnapshot, { event, self, system }: Args, params: unknown): readonly unknown[] => {
    const args = { context: snapshot.context as unknown, event, self, system, spawn: refuseSpawn };
    return [{ ...snapshot, context: Object.assign({}, snapshot.context, assigned(assignment, args, params)) }, undefined, undefined];
  };
  return Object.assign((): void => undefined, { type: action.type, assignment, resolve });
}

function assigned(assignment: AssignAction['assignment'], args: unknown, params: unknown): Readonly<Record<string, unknown>> {
  if (typeof assignment === 'function') return assignment(args, params);
  const update: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(assignment)) update[key] = typeof value === 'function' ? (value as Assignment)(args, params) : value;
  return update;
}

function refuseSpawn(src: unknown, options?: { id?: string }): never {
  throw new TerminalError('spawn_in_assign', `"${options?.id ?? String(src)}" was spawned inside assign or the context, which cannot be made durable`, {
    hint: 'invoke it, or use the action spawnChild(name, { id })',
  });
}
