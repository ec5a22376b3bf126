import type { Definition } from './kernel/definition.ts';
import { TerminalError } from './kernel/errors.ts';
import { buildDefinition } from './machines/build/definition.ts';
import { promiseDefinition } from './machines/promise/machine.ts';
import { requestDefinition } from './machines/request/machine.ts';
import { runDefinition } from './machines/run/machine.ts';

/** The same charts, for a process that only looks: their activities are never called. */
export function readOnlyMachines(): readonly Definition[] {
  const run = runDefinition({ runners: onlyLooking });
  return [buildDefinition({ ports: onlyLooking, run }), run, promiseDefinition({ declarer: onlyLooking, isOver: onlyLooking }), requestDefinition()];
}

/** Any port, and any part of one: it may be handed on, but not called. */
const onlyLooking: never = new Proxy(() => undefined, {
  get: () => onlyLooking,
  apply: () => { throw new TerminalError('only_looking', 'this process looks at actors and does not run them'); },
}) as never;
