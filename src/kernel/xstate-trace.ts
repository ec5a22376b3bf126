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

/** What is taken on each way a chart was seen to go. */
const known = new WeakMap<object, readonly TransitionTaken[]>();

interface Traced<T> { readonly result: T; readonly taken: readonly TransitionTaken[] }

/**
 * Do `work`, which steps the chart once, and see which transitions it takes, in order. Of the first step of an actor
 * only what follows on the initial states is seen. A way that was gone before is not traced again.
 */
export function traced<T>(definition: Definition, work: () => T): Traced<T> {
  const { memo } = compiled(definition);
  if (memo === undefined) return watched(definition, work);
  const { result: { result, taken }, way } = memo.recalling(() => watched(definition, work));
  if (way === undefined) return { result, taken };
  const remembered = known.get(way) ?? watched(definition, () => memo.without(work)).taken;
  known.set(way, remembered);
  return { result, taken: remembered };
}

/** Hears what XState says while it is asked; it says nothing of what is recalled. */
function watched<T>(definition: Definition, work: () => T): Traced<T> {
  const nobody = { actor: `${definition.stamp.name}/trace` as const, parent: undefined };
  const { result: system } = compiled(definition).scope.run(nobody, undefined, (inner) => inner.system as unknown as { _sendInspectionEvent: (event: Microstep) => void });
  const taken: TransitionTaken[] = [];
  const usual = system._sendInspectionEvent;
  system._sendInspectionEvent = (inspected) => {
    for (const transition of inspected._transitions ?? []) {
      const { source } = transition as { readonly source: StateNode };
      taken.push({ source: source.id, index: (transitionsOf(source) as readonly object[]).indexOf(transition), event: inspected.event.type });
    }
  };
  try {
    return { result: work(), taken };
  } finally {
    system._sendInspectionEvent = usual;
  }
}
