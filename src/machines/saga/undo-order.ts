import { needsUndo } from './context.ts';
import { isByNeeds, needsOf } from './needs.ts';
import type { SagaContext, SagaSpec } from './types.ts';

/** Names of the steps that are still to be undone, the next one first. */
export type UndoOrder = (context: SagaContext) => readonly string[];

/**
 * Of a listed saga the reverse of the list. Of one whose steps run by their needs: what may be applied before what
 * is completed, then whoever completed last; and never a step before one that came after it.
 */
export function undoOrderOf(spec: Pick<SagaSpec, 'steps' | 'order'>): UndoOrder {
  const undoable = spec.steps.filter(({ undo }) => undo !== undefined).toReversed();
  const remaining = (context: SagaContext): string[] => undoable.filter((step) => needsUndo(context, step)).map(({ name }) => name);
  if (!isByNeeds(spec)) return remaining;
  const { isAfter } = needsOf(spec);
  return (context) => {
    const completed = (name: string): number => (context.order.includes(name) ? context.order.indexOf(name) : Infinity);
    // Equal ones, which may be applied and never completed, stay in the reverse of the list.
    const left = remaining(context).sort((a, b) => (completed(a) === completed(b) ? 0 : completed(b) - completed(a)));
    const ordered: string[] = [];
    while (left.length > 0) {
      const at = left.findIndex((name) => !left.some((other) => isAfter(other, name)));
      ordered.push(...left.splice(at, 1));
    }
    return ordered;
  };
}
