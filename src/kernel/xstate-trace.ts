import type { Definition } from './definition.ts';
import { compiled } from './xstate-compile.ts';
import { transitionsOf, type StateNode } from './xstate-nodes.ts';

/** One transition a chart took: its source's id, its place in `transitionsOf` of that source, and the event it took it on. */
export interface TransitionTaken {
  readonly source: string;
  readonly index: number;
  readonly event: string;
}

interface Microstep {
  readonly type: string;
  readonly event: { readonly type: string };
  readonly _transitions?: readonly object[];
}

/**
 * Do `work`, which steps the chart, and see which transitions it takes, in order. Of the first step of an actor
 * only what follows on the initial states is seen.
 */
export function traced<T>(definition: Definition, work: () => T): { readonly result: T; readonly taken: readonly TransitionTaken[] } {
  const { scope, memo } = compiled(definition);
  const nobody = { actor: `${definition.stamp.name}/trace` as const, parent: undefined };
  const { result: system } = scope.run(nobody, undefined, (inner) => inner.system as unknown as { _sendInspectionEvent: (event: Microstep) => void });
  const taken: TransitionTaken[] = [];
  const usual = system._sendInspectionEvent;
  system._sendInspectionEvent = (inspected) => {
    for (const transition of inspected._transitions ?? []) {
      const { source } = transition as { readonly source: StateNode };
      taken.push({ source: source.id, index: (transitionsOf(source) as readonly object[]).indexOf(transition), event: inspected.event.type });
    }
  };
  try {
    return { result: memo === undefined ? work() : memo.without(work), taken };
  } finally {
    system._sendInspectionEvent = usual;
  }
}
