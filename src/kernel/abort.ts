import type { ActionArgs, EventObject, MachineContext, ParameterizedObject } from 'xstate';

type Params = ParameterizedObject['params'] | undefined;

interface AbortAction<Context extends MachineContext, Expression extends EventObject, Event extends EventObject, P extends Params> {
  (args: ActionArgs<Context, Expression, Event>, params: P): void;
}

type Id<Context extends MachineContext, Expression extends EventObject, Event extends EventObject, P extends Params> =
  string | ((args: ActionArgs<Context, Expression, Event>, params: P) => string);

/**
 * Ask a running activity or child actor to end, without leaving the state that invokes it: its end is
 * awaited and comes as `onError` or `onDone`. `id` is the invoke's id; one that does not run is left alone.
 * The plain form `{ type: 'millrace.abort', params: { id } }` does the same.
 */
export function abort<Context extends MachineContext, Expression extends EventObject, Event extends EventObject, P extends Params>(
  id: Id<Context, Expression, Event, P>,
): AbortAction<Context, Expression, Event, P> {
  // The shape of XState's own action creators: resolved when the chart runs it, and never executed there.
  return Object.assign((_args: ActionArgs<Context, Expression, Event>, _params: P): void => undefined, {
    type: 'millrace.abort',
    id,
    resolve: (_scope: unknown, snapshot: unknown, args: ActionArgs<Context, Expression, Event>, params: P) =>
      [snapshot, { id: typeof id === 'function' ? id(args, params) : id }, undefined],
    execute: (): void => undefined,
  });
}
